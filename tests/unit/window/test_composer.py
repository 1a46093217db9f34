from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from pytestqt.qtbot import QtBot

from desktop_app.window.composer import MAX_LINES, Composer


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(600, 200)
    composer.set_ready(True)
    composer.show()
    return composer


def sent_by(composer: Composer) -> list[str]:
    sent: list[str] = []
    composer.sent.connect(sent.append)
    return sent


def test_enter_sends_and_shift_enter_starts_a_line(composer: Composer, qtbot: QtBot) -> None:
    sent = sent_by(composer)
    qtbot.keyClicks(composer.edit, "first")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.edit, "second")
    assert sent == []
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == ["first\nsecond"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\t \n"])
def test_an_empty_question_cant_be_sent(composer: Composer, qtbot: QtBot, text: str) -> None:
    sent = sent_by(composer)
    composer.set_text(text)
    assert not composer.send.isEnabled()
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []


def test_nothing_is_sent_without_a_service_but_text_can_be_written(composer: Composer, qtbot: QtBot) -> None:
    sent = sent_by(composer)
    composer.set_ready(False)
    qtbot.keyClicks(composer.edit, "a question")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []
    assert composer.text == "a question"
    composer.set_ready(True)
    qtbot.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    assert sent == ["a question"]


def test_send_becomes_stop_while_an_answer_runs(composer: Composer, qtbot: QtBot) -> None:
    sent, stopped = sent_by(composer), []
    composer.stopped.connect(lambda: stopped.append(True))
    composer.set_text("the next question")
    composer.set_busy(True, "Searching the documents…")
    assert composer.stop.isVisible()
    assert not composer.send.isVisible()
    assert composer.status.text() == "Searching the documents…"
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent == []
    qtbot.mouseClick(composer.stop, Qt.MouseButton.LeftButton)
    assert stopped == [True]
    composer.set_busy(False)
    assert composer.send.isVisible()
    assert composer.text == "the next question"


def test_the_box_grows_with_its_text_up_to_eight_lines(composer: Composer) -> None:
    heights = []
    for lines in (1, 2, MAX_LINES, MAX_LINES + 1, 60):
        composer.set_text("\n".join(["line"] * lines))
        heights.append(composer.edit.height())
    assert heights[0] < heights[1] < heights[2]
    assert heights[2] == heights[3] == heights[4]


def test_a_long_line_that_wraps_makes_the_box_grow_too(composer: Composer) -> None:
    before = composer.edit.height()
    composer.set_text("word " * 100)
    assert composer.edit.height() > before


def test_pasted_files_go_to_the_documents_and_not_into_the_text(composer: Composer, tmp_path: Path) -> None:
    pasted: list[Path] = []
    composer.files_pasted.connect(pasted.extend)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "ein Handbuch.pdf")), QUrl("https://example.org/x.pdf")])
    composer.edit.insertFromMimeData(mime)
    assert pasted == [tmp_path / "ein Handbuch.pdf"]
    assert composer.text == ""


def test_formatted_text_is_pasted_as_plain_text(composer: Composer) -> None:
    mime = QMimeData()
    mime.setHtml("<b>bold</b>")
    mime.setText("bold")
    composer.edit.insertFromMimeData(mime)
    assert composer.text == "bold"


def test_controls_have_the_names_that_people_would_say(composer: Composer) -> None:
    names = {widget.accessibleName() for widget in (composer.edit, composer.send, composer.stop, composer.attach)}
    assert names == {"Message", "Send", "Stop", "Add files"}
