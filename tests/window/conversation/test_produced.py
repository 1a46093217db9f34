"""Pictures and files in the conversation: asked for when they come into view, shown at their shape, and pressed."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy, QTest

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.items import ProducedFile
from desktop_app.window.conversation.produced import TALLEST

ANSWER = MessageItem(
    "answer",
    "assistant",
    "Desks lead.",
    pictures=("file-1",),
    files=(ProducedFile("file-2", "top products.csv"), ProducedFile("file-3", "b.xlsx")),
)


def picture(width: int, height: int) -> QImage:
    image = QImage(QSize(width, height), QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    return image


def height_of(view: ConversationView) -> int:
    return view.row_rect(view.messages[0].first_row).height()


def test_a_picture_is_wanted_once_it_is_in_view_and_takes_its_shape(view: ConversationView) -> None:
    wanted = QSignalSpy(view.picture_wanted)
    view.set_messages([ANSWER])
    view.grab()
    view.grab()
    assert [wanted.at(index)[0] for index in range(wanted.count())] == ["file-1"]
    view.set_picture("file-1", picture(300, 100))
    assert 100 < height_of(view) < 160
    shown = view.grab().toImage()
    place = view.row_rect(view.messages[0].first_row).center()
    place.setX(view.scene.column.text_left + 150)
    assert shown.pixelColor(place * shown.devicePixelRatio()).name() == "#ff0000"


def test_a_large_picture_fits_and_one_that_is_gone_says_so(view: ConversationView) -> None:
    view.set_messages([ANSWER])
    view.set_picture("file-1", picture(4000, 4000))
    assert height_of(view) < TALLEST + 60
    view.set_picture("file-1", QImage())
    view.grab()
    assert "Desks lead." in view.messages[0].plain_text(view.scene, 1000)


def test_pictures_and_files_are_pressed_by_mouse_and_keyboard(view: ConversationView) -> None:
    pictures, files = QSignalSpy(view.picture_clicked), QSignalSpy(view.file_clicked)
    view.set_messages([ANSWER])
    view.set_picture("file-1", picture(200, 100))
    view.grab()
    first = view.messages[0].first_row
    for row in (first, first + 2):
        (_, place), *_ = view._rows[row].targets(view.scene)
        point = view.row_rect(row).topLeft() + place.center().toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert pictures.at(0) == ["file-1"]
    assert files.at(0) == ["file-2", "top products.csv"]
    view.activateWindow()
    view.setFocus()
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert files.at(1) == ["file-3", "b.xlsx"]


def test_a_picture_that_comes_with_the_stream_stands_above_the_text(view: ConversationView) -> None:
    view.append(MessageItem("answer", "assistant", "", (), "in_progress", pictures=("file-1",)))
    view.add_text("answer", "Desks")
    view.flush()
    (message,) = view.messages
    assert len(message.rows) == 2
    view.replace(ANSWER)
    assert len(message.rows) == 3
    assert "top products.csv, b.xlsx" in message.plain_text(view.scene, 1000)


def test_a_link_to_a_file_leads_to_the_file_and_any_other_nowhere(view: ConversationView) -> None:
    files, links = QSignalSpy(view.file_clicked), QSignalSpy(view.link_clicked)
    text = "[a](sandbox:/mnt/data/top%20products.csv) [b](sandbox:/etc/passwd) [c](https://example.org/)"
    view.set_messages([MessageItem("answer", "assistant", text, files=ANSWER.files)])
    row = view.messages[0].first_row
    for _, place in view._rows[row].targets(view.scene):
        point = view.row_rect(row).topLeft() + place.center().toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert [files.at(index) for index in range(files.count())] == [["file-2", "top products.csv"]]
    assert [links.at(index) for index in range(links.count())] == [["https://example.org/"]]
