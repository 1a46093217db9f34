"""What a screen reader is told."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem, accessibility
from tests.window.conversation.conftest import HANDBOOK, cited

Text = QAccessible.Text
Role = QAccessible.Role


def interface(view: ConversationView) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(view)
    assert found is not None
    return found


@pytest.fixture
def filled(view: ConversationView) -> ConversationView:
    answer = cited("The **leave** is `30` days【1】.", ("【1】", HANDBOOK))
    failed = MessageItem("f", "assistant", status="failed", note="The provider went away.")
    view.set_messages([MessageItem("q", "user", "How *much* leave?"), answer, failed])
    return view


def test_the_view_is_a_list_of_messages_in_plain_text(filled: ConversationView) -> None:
    conversation = interface(filled)
    assert conversation.role() is Role.List
    assert conversation.text(Text.Name) == "Conversation"
    children = [conversation.child(index) for index in range(conversation.childCount())]
    assert [child.role() for child in children] == [Role.ListItem] * 3
    assert [child.text(Text.Name) for child in children] == [
        "You: How *much* leave?",
        "Deskside: The leave is 30 days[1].",
        "Deskside: The provider went away.",
    ]
    assert [conversation.indexOfChild(child) for child in children] == [0, 1, 2]
    assert all(child.parent() is conversation and child.isValid() for child in children)


def test_sources_and_retry_are_children_of_their_message(filled: ConversationView) -> None:
    _, answer, failed = (interface(filled).child(index) for index in range(3))
    source = answer.child(0)
    assert answer.childCount() == 1
    assert (source.role(), source.text(Text.Name)) == (Role.Link, "Source 1: handbook.pdf, page 4")
    assert source.text(Text.Description) == HANDBOOK.quote
    assert (failed.child(0).role(), failed.child(0).text(Text.Name)) == (Role.Button, "Retry")


def test_messages_are_where_they_are_seen(filled: ConversationView) -> None:
    conversation = interface(filled)
    child = conversation.child(1)
    middle = child.rect().center()
    assert conversation.rect().contains(middle)
    assert conversation.childAt(middle.x(), middle.y()) is child
    assert not child.state().offscreen
    filled.set_messages([MessageItem(str(number), "user", "Text " * 50) for number in range(100)])
    assert interface(filled).child(0).state().offscreen
    assert not child.isValid()


def test_the_keyboard_goes_from_message_to_message(qtbot: QtBot, filled: ConversationView) -> None:
    filled.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(filled, key, control)
        message = filled.focused_message()
        assert message is not None
        seen.append(message.item.id)
        focused = interface(filled).focusChild()
        assert focused is not None
        assert focused.text(Text.Name).startswith(("You: ", "Deskside: "))
    assert seen == ["q", "answer", "f", "f", "answer"]


def test_a_finished_answer_is_announced_once(view: ConversationView, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, accessibility.QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(accessibility.QAccessible, "updateAccessibility", staticmethod(hear))
    view.append(MessageItem("a", "assistant", "", status="in_progress"))
    view.add_text("a", "Thirty days.")
    view.flush()
    assert said == []
    view.replace(MessageItem("a", "assistant", "Thirty **days**." + " And more." * 100))
    view.replace(MessageItem("a", "assistant", "Thirty **days**."))
    assert len(said) == 1
    assert said[0].startswith("Answer finished. Thirty days. And more.")
    assert len(said[0]) < 700


def test_an_answer_that_failed_or_was_stopped_is_announced_with_the_reason(
    view: ConversationView, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        accessibility.QAccessible, "updateAccessibility", staticmethod(lambda event: said.append(event.message()))
    )
    monkeypatch.setattr(accessibility.QAccessible, "isActive", staticmethod(lambda: False))
    view.append(MessageItem("a", "assistant", "Thirty", status="in_progress"))
    view.replace(MessageItem("a", "assistant", "Thirty", status="stopped", note="Stopped."))
    view.append(MessageItem("b", "assistant", status="failed", note="The provider went away."))
    assert said == ["Answer stopped. Thirty\n\nStopped.", "Answer failed. The provider went away."]


def test_a_program_that_was_read_by_a_screen_reader_ends_cleanly() -> None:
    """Interfaces made in Python belong to Qt and to Python: neither may delete them twice."""
    program = """
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from desktop_app.window.conversation import ConversationView, MessageItem
app = QApplication([])
for _ in range(3):
    view = ConversationView()
    view.set_messages([MessageItem("a", "assistant", "text"), MessageItem("b", "user", "text")])
    view.show()
    conversation = QAccessible.queryAccessibleInterface(view)
    for index in range(2):
        QAccessible.uniqueId(conversation.child(index))
    view.set_messages([])
    app.processEvents()
    del conversation
    view.close()
    view.deleteLater()
    del view
    app.processEvents()
print("ended")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")
