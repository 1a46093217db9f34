"""Pictures and files in the conversation: asked for when they come into view, shown at their shape, and pressed."""

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu

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
    assert files.at(0) == [ANSWER.files[0]]
    view.activateWindow()
    view.setFocus()
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert files.at(1) == [ANSWER.files[1]]


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
    assert [files.at(index) for index in range(files.count())] == [[ANSWER.files[0]]]
    assert [links.at(index) for index in range(links.count())] == [["https://example.org/"]]


def test_what_could_run_is_only_saved_and_says_so(view: ConversationView) -> None:
    names = [
        "a.csv",
        "B.XLSX",
        "page.html",
        "run.py",
        "drawing.svg",
        "macro.xlsm",
        "x.csv.exe",
        "no ending",
        "a.desktop",
    ]
    files = [ProducedFile(name, name) for name in names]
    assert [file.name for file in files if file.can_open] == ["a.csv", "B.XLSX"]
    view.set_messages([MessageItem("answer", "assistant", "Done.", files=files)])
    row = view.messages[0].first_row + 1
    words = [view.words_of(row, target) for target, _ in view._rows[row].targets(view.scene)]
    assert words == view.messages[0].buttons
    assert words[0] == "Open a.csv"
    assert words[2].startswith("Save page.html…")


def menu_words(view: ConversationView) -> list[str]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.parent() is view
    return [action.text() for action in menu.actions() if action.text()]


def choose(words: str) -> None:
    """With the keyboard, as far as the entry and Return."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in menu.actions():
        QTest.keyClick(menu, Qt.Key.Key_Down)
        if menu.activeAction().text() == words:
            break
    QTest.keyClick(menu, Qt.Key.Key_Return)


@pytest.mark.parametrize(("key", "modifier"), [("Key_Menu", "NoModifier"), ("Key_F10", "ShiftModifier")])
def test_the_menu_key_opens_the_menu_of_a_file(view: ConversationView, key: str, modifier: str) -> None:
    opened, saved = QSignalSpy(view.file_clicked), QSignalSpy(view.file_save_clicked)
    view.set_messages(
        [MessageItem("answer", "assistant", "Done.", files=(*ANSWER.files, ProducedFile("p", "run.py")))]
    )
    view.grab()
    view.activateWindow()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key[key], Qt.KeyboardModifier[modifier])
    assert menu_words(view) == ["Copy", "Open", "Save as…", "Select all"]
    choose("Open")
    QTest.keyClick(view, Qt.Key[key], Qt.KeyboardModifier[modifier])
    choose("Save as…")
    assert (opened.count(), saved.count()) == (1, 1)
    assert [opened.at(0), saved.at(0)] == [[ANSWER.files[0]]] * 2
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key[key], Qt.KeyboardModifier[modifier])
    assert menu_words(view) == ["Copy", "Save as…", "Select all"]
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Escape)


def test_a_file_is_dragged_and_nothing_is_selected_or_opened(view: ConversationView) -> None:
    opened, dragged = QSignalSpy(view.file_clicked), QSignalSpy(view.file_dragged)
    view.set_messages([MessageItem("answer", "assistant", "Done.", files=ANSWER.files)])
    view.grab()
    row = view.messages[0].first_row + 1
    (_, place), *_ = view._rows[row].targets(view.scene)
    start = view.row_rect(row).topLeft() + place.center().toPoint()
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in (2, 60, 120):
        QTest.mouseMove(view.viewport(), start - QPoint(0, step))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start - QPoint(0, 120))
    assert (dragged.count(), dragged.at(0), opened.count()) == (1, [ANSWER.files[0]], 0)
    assert not view.has_selection
