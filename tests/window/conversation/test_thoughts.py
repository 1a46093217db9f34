"""What a model thought: one folded line that opens, grows while it is open, and is no part of the answer."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.thoughts import thoughts_in_words

THOUGHTS = MessageItem("t", "thoughts", "They ask for *ports*.\n\nPort 88 is the KDC's.", seconds=12)
ANSWER = MessageItem("a", "assistant", "Port **88**.")
QUESTION = MessageItem("q", "user", "Which port?")


@pytest.fixture
def filled(view: ConversationView) -> ConversationView:
    view.set_messages([QUESTION, THOUGHTS, ANSWER])
    return view


def click_on_line(view: ConversationView, qtbot: QtBot) -> None:
    message = view.message("t")
    assert message is not None
    row = message.first_row
    place = message.rows[0].targets(view.scene)[0][1].center().toPoint()
    qtbot.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.row_rect(row).topLeft() + QPoint(place.x(), place.y())
    )


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (THOUGHTS, "Thought for 12 s"),
        (replace(THOUGHTS, seconds=134), "Thought for 2 min 14 s"),
        (replace(THOUGHTS, seconds=0), "What the model thought"),
        (replace(THOUGHTS, status="in_progress"), "What the model thinks"),
    ],
)
def test_the_line_says_how_long_the_model_thought(item: MessageItem, words: str) -> None:
    assert thoughts_in_words(item) == words


def test_a_click_opens_the_thoughts_and_another_one_folds_them(filled: ConversationView, qtbot: QtBot) -> None:
    message = filled.message("t")
    assert message is not None
    folded = filled.row_rect(message.first_row).height()
    click_on_line(filled, qtbot)
    assert message.is_open
    assert len(message.rows) > 1
    assert "*ports*" in message.plain_text(filled.scene, 1000)
    click_on_line(filled, qtbot)
    assert not message.is_open
    assert len(message.rows) == 1
    assert filled.row_rect(message.first_row).height() == folded


@pytest.mark.parametrize("is_open", [False, True], ids=["folded", "open"])
def test_thoughts_are_never_copied(filled: ConversationView, is_open: bool) -> None:
    message = filled.message("t")
    assert message is not None
    if is_open:
        filled.fold(message)
    filled.select_all()
    filled.copy()
    assert QGuiApplication.clipboard().text() == "Which port?\n\nPort 88."


def test_open_thoughts_grow_while_they_come_and_stay_open_when_they_end(view: ConversationView) -> None:
    growing = MessageItem("t", "thoughts", "First.", (), "in_progress")
    view.set_messages([QUESTION, growing])
    message = view.message("t")
    assert message is not None
    view.add_text("t", " Second.")
    view.flush()
    assert message.item.text == "First. Second."
    assert len(message.rows) == 1
    view.fold(message)
    view.add_text("t", "\n\nThird.")
    view.flush()
    assert "Third." in message.plain_text(view.scene, 1000)
    view.replace(replace(growing, text="First. Second.\n\nThird.", status="completed", seconds=3))
    assert message.is_open
    assert message.plain_text(view.scene, 1000).startswith("Thought for 3 s")


def test_thoughts_that_are_read_again_stay_open(filled: ConversationView) -> None:
    message = filled.message("t")
    assert message is not None
    filled.fold(message)
    filled.set_messages([QUESTION, replace(THOUGHTS, seconds=13), ANSWER])
    again = filled.message("t")
    assert again is not None
    assert again.is_open
    assert "Port 88 is" in again.plain_text(filled.scene, 1000)


def test_a_screen_reader_is_told_how_long_and_what_can_be_opened(filled: ConversationView) -> None:
    conversation = QAccessible.queryAccessibleInterface(filled)
    assert conversation is not None
    told = conversation.child(1)
    assert told.text(QAccessible.Text.Name) == "Deskside: Thought for 12 s"
    assert told.child(0).text(QAccessible.Text.Name) == "Show what the model thought"
    assert told.child(0).role() is QAccessible.Role.Button


def test_hostile_thoughts_are_shown_as_they_are(view: ConversationView) -> None:
    view.set_messages([replace(THOUGHTS, text="<img src='file:///etc/passwd'> ![](http://x/y) \ufffc\u202e" * 50)])
    message = view.message("t")
    assert message is not None
    view.fold(message)
    assert "<img src=" in message.plain_text(view.scene, 500)
    view.grab()
