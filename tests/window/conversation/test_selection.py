"""Selecting and copying, within a message and across messages."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from tests.window.conversation.conftest import HANDBOOK, cited

QUESTION = MessageItem("q", "user", "How long 👍 are invoices kept?")
ANSWER = MessageItem(
    "a",
    "assistant",
    "Ten **years**, in words.\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n\ny = 2\n```\n",
)
WHOLE_ANSWER = "Ten years, in words.\n\n1. first\n2. second\n\na\tb\n1\t2\n\nx = 1\n\ny = 2"


@pytest.fixture
def filled(view: ConversationView) -> ConversationView:
    view.set_messages([QUESTION, ANSWER])
    return view


def point_before(view: ConversationView, row: int, words: str) -> QPoint:
    """A point in the viewport just before `words` in the first block of a row that has them."""
    document = view._rows[row].laid_out(view.scene)  # type: ignore[attr-defined]
    cursor = document.find(words)
    block = cursor.block()
    rect = document._rect(block, cursor.selectionStart(), cursor.selectionEnd())
    origin = view._rows[row]._origin(view.scene)  # type: ignore[attr-defined]
    return view.row_rect(row).topLeft() + (origin + rect.topLeft()).toPoint() + QPoint(1, 6)


def drag(qtbot: QtBot, view: ConversationView, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), (start + end) / 2)
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)


def test_words_of_one_message_are_copied(qtbot: QtBot, filled: ConversationView) -> None:
    drag(qtbot, filled, point_before(filled, 0, "long"), point_before(filled, 0, "invoices"))
    qtbot.keyClick(filled, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "long 👍 are "


@pytest.mark.parametrize("backwards", [False, True])
def test_a_selection_across_messages_is_copied_as_plain_text(
    qtbot: QtBot, filled: ConversationView, backwards: bool
) -> None:
    ends = [point_before(filled, 0, "invoices"), point_before(filled, 1, "ond")]
    drag(qtbot, filled, *(reversed(ends) if backwards else ends))
    filled.copy()
    assert QGuiApplication.clipboard().text() == "invoices kept?\n\nTen years, in words.\n\n1. first\n2. sec"


def test_everything_is_selected_and_copied(qtbot: QtBot, filled: ConversationView) -> None:
    qtbot.keyClick(filled, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert filled.selected_text() == f"{QUESTION.text}\n\n{WHOLE_ANSWER}"
    qtbot.keyClick(filled, Qt.Key.Key_Escape)
    assert filled.selected_text() == ""


def test_very_many_messages_are_copied_without_laying_them_out(view: ConversationView) -> None:
    items = [MessageItem(str(number), "assistant", f"**{number}**【x】") for number in range(5000)]
    items[7] = cited("**7**【x】", ("【x】", HANDBOOK), id="7")
    view.set_messages(items)
    view.select_all()
    copied = view.selected_text().split("\n\n")
    assert len(copied) == 5000
    assert copied[:2] == ["0【x】", "**1**【x】"]
    assert copied[7] == "**7**[1]"
    assert copied[-1] == "4999【x】"
    assert len(view.scene._documents) < 60


def test_a_double_click_selects_a_word_and_a_third_one_the_paragraph(qtbot: QtBot, filled: ConversationView) -> None:
    point = point_before(filled, 1, "years") + QPoint(5, 0)
    viewport = filled.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=point)
    assert filled.selected_text() == "years"
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point)
    assert filled.selected_text() == "Ten years, in words."


def test_a_click_selects_nothing_and_shift_click_extends(qtbot: QtBot, filled: ConversationView) -> None:
    viewport = filled.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point_before(filled, 1, "Ten"))
    assert filled.selected_text() == ""
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, shift, point_before(filled, 1, "in words"))
    assert filled.selected_text() == "Ten years, "


def test_selected_words_are_painted_and_survive_a_growing_answer(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([QUESTION, MessageItem("a", "assistant", "Ten years", status="in_progress")])
    plain = view.grab().toImage()
    drag(qtbot, view, point_before(view, 0, "long"), point_before(view, 0, "invoices"))
    assert view.grab().toImage() != plain
    view.add_text("a", ", in words.\n\nAnd more.")
    view.flush()
    assert view.selected_text() == "long 👍 are "


def test_dragging_below_the_edge_scrolls_on(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([MessageItem(str(number), "user", f"Message {number}") for number in range(100)])
    view.verticalScrollBar().setValue(0)
    start = point_before(view, 0, "Message")
    below = QPoint(start.x(), view.viewport().height() + 60)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QCursor.setPos(view.viewport().mapToGlobal(below))
    qtbot.mouseMove(view.viewport(), below)
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() > 200, timeout=5000)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=below)
    seen = view.verticalScrollBar().value()
    qtbot.wait(100)
    assert view.verticalScrollBar().value() == seen
    assert view.selected_text().startswith("Message 0\n\nMessage 1\n\nMessage 2")


def test_the_context_menu_copies(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([MessageItem("a", "assistant", "See [the manual](https://a.example/x) now.")])
    point = point_before(view, 0, "manual") + QPoint(4, 0)

    def choose(words: str) -> None:
        place = view.viewport().mapToGlobal(point)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, place)
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = next(action for action in menu.actions() if action.text() == words)
        assert action.isEnabled() or words == "Copy"
        action.trigger()
        menu.close()

    QGuiApplication.clipboard().setText("before")
    choose("Copy")
    assert QGuiApplication.clipboard().text() == "before"
    choose("Copy link address")
    assert QGuiApplication.clipboard().text() == "https://a.example/x"
    choose("Select all")
    choose("Copy")
    assert QGuiApplication.clipboard().text() == "See the manual now."


def test_copying_nothing_leaves_the_clipboard_alone(view: ConversationView) -> None:
    QGuiApplication.clipboard().setText("before")
    view.set_messages([QUESTION])
    view.copy()
    assert QGuiApplication.clipboard().text() == "before"
