"""Threads of any length: only what is in sight is laid out."""

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.scene import KEPT_DOCUMENTS
from desktop_app.window.theme import DARK, LIGHT, Theme

ITEMS = [
    MessageItem(str(number), "assistant" if number % 2 else "user", f"Message {number}, **bold**.\n\nA list:\n\n- a\n")
    for number in range(10_000)
]


def test_only_messages_in_view_are_built(view: ConversationView, built: list[str]) -> None:
    view.set_messages(ITEMS)
    view.grab()
    assert 0 < len(built) <= len(view.visible_rows()) + 10
    assert "Message 9999" in "".join(built)
    built.clear()
    view.scroll_to_row(5000)
    view.grab()
    assert 0 < len(built) <= len(view.visible_rows()) + 10
    view.resize(500, 600)
    view.append(MessageItem("new", "user", "One more"))
    view.grab()
    assert len(built) < 60


def test_few_documents_are_kept(view: ConversationView) -> None:
    view.set_messages(ITEMS)
    for row in range(0, 400, 2):
        view.scroll_to_row(row)
        view.grab()
    assert len(view.scene._documents) == KEPT_DOCUMENTS


def test_a_row_looks_the_same_after_its_document_was_dropped(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages(ITEMS[:500])
    view.scroll_to_row(100)
    qtbot.wait(20)  # the scroll bar appears
    before: QImage = view.viewport().grab().toImage()
    for row in range(200, 480):
        view.scroll_to_row(row)
        view.viewport().grab()
    view.scroll_to_row(100)
    assert view.viewport().grab().toImage() == before


def test_another_theme_repaints_in_place(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages(ITEMS[:200])
    view.scroll_to_row(50, 5)
    qtbot.wait(20)  # the scroll bar appears
    light = view.grab().toImage()
    Theme.current().use(DARK)
    dark = view.grab().toImage()
    assert dark.pixelColor(2, 2) == DARK.window
    assert view.row_rect(50).top() == -5
    Theme.current().use(LIGHT)
    assert view.grab().toImage() == light
