"""What a screen reader is told: a List named "Conversation" with one child per message, in plain text.

What can be opened in a message (its sources, its buttons) are its children, each with a name that says where it leads.
"""

import weakref
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from desktop_app.window.conversation.chips import source_in_words
from desktop_app.window.conversation.items import Status
from desktop_app.window.conversation.message import SPEAKERS, Message

if TYPE_CHECKING:
    from desktop_app.window.conversation.view import ConversationView

_ANNOUNCED = 600
"""Characters of a finished answer that are read out; the rest is a key press away."""

_ENDS: dict[Status, str] = {
    "completed": "Answer finished.",
    "stopped": "Answer stopped.",
    "failed": "Answer failed.",
}

_NAMED = 20_000
"""Characters of a message that make its name."""

_kept: list[QAccessibleInterface] = []
"""Qt deletes interfaces itself, so Python must not: it would delete them a second time."""


@cache
def install() -> None:
    """Tell Qt how to describe conversation views; once per program."""
    QAccessible.installFactory(_describe)


def _describe(key: str, target: QObject | None) -> QAccessibleInterface | None:
    from desktop_app.window.conversation.view import ConversationView

    return ListInterface(target) if isinstance(target, ConversationView) else None


def announce_answer(view: "ConversationView", message: Message) -> None:
    """Say how an answer ended, and how it begins or why it failed."""
    words = message.plain_text(view.scene, _ANNOUNCED)
    if len(words) > _ANNOUNCED:
        words = words[:_ANNOUNCED].rsplit(" ", 1)[0] + "…"
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, f"{_ENDS[message.item.status]} {words}"))


class ListInterface(QAccessibleWidget):
    def __init__(self, view: "ConversationView") -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = weakref.ref(view)
        self._children: dict[str, MessageInterface] = {}
        _kept.append(self)

    @property
    def view(self) -> "ConversationView":
        view = self._view()
        assert view is not None
        return view

    def childCount(self) -> int:
        return len(self.view.messages)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        messages = self.view.messages
        return self.of(messages[index].item.id) if 0 <= index < len(messages) else None

    def of(self, message_id: str) -> "MessageInterface":
        if message_id not in self._children:
            self._children[message_id] = MessageInterface(self, message_id)
        return self._children[message_id]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if not isinstance(child, MessageInterface):
            return -1
        ids = [message.item.id for message in self.view.messages]
        return ids.index(child.message_id) if child.message_id in ids else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        row = self.view.row_at(self.view.viewport().mapFromGlobal(QPoint(x, y)).y())
        message = self.view.message_of_row(row) if row is not None else None
        return self.of(message.item.id) if message is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        message = self.view.focused_message()
        return self.of(message.item.id) if message is not None else None


class _Inside(QAccessibleInterface):
    """What messages and the things in them have in common: they are no objects of Qt's."""

    def object(self) -> QObject | None:  # type: ignore[override]  # None: there is none
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]  # None: there is none
        parent = self.parent()
        return parent.window() if parent is not None else None

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Nothing here can be edited."""

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        children = (self.child(index) for index in range(self.childCount()))
        return next((child for child in children if child.rect().contains(x, y)), None)


class MessageInterface(_Inside):
    def __init__(self, parent: ListInterface, message_id: str) -> None:
        super().__init__()
        self._parent = parent
        self.message_id = message_id
        self._children: dict[int, TargetInterface] = {}
        _kept.append(self)

    @property
    def message(self) -> Message | None:
        return self._parent.view.message(self.message_id)

    @property
    def view(self) -> "ConversationView":
        return self._parent.view

    def isValid(self) -> bool:
        return self._parent.isValid() and self.message is not None

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = state.readOnly = True
        state.focused = self.view.hasFocus() and self.view.focused_message() is self.message
        state.offscreen = not self.rect().intersects(self._parent.rect())
        return state

    def text(self, t: QAccessible.Text) -> str:
        message = self.message
        if t != QAccessible.Text.Name or message is None:
            return ""
        return f"{SPEAKERS[message.item.role]}: {message.plain_text(self.view.scene, _NAMED)}"

    def rect(self) -> QRect:
        message = self.message
        if message is None or not message.rows:
            return QRect()
        first = self.view.row_rect(message.first_row)
        last = self.view.row_rect(message.first_row + len(message.rows) - 1)
        return QRect(self.view.viewport().mapToGlobal(first.topLeft()), first.united(last).size())

    def childCount(self) -> int:
        message = self.message
        return 0 if message is None else len(message.chips.citations) + len(message.buttons)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        if not 0 <= index < self.childCount():
            return None
        if index not in self._children:
            self._children[index] = TargetInterface(self, index)
        return self._children[index]

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.index if isinstance(child, TargetInterface) else -1


class TargetInterface(_Inside):
    """A source of an answer, by its number from 0; after the last one, its buttons."""

    def __init__(self, parent: MessageInterface, index: int) -> None:
        super().__init__()
        self._parent = parent
        self.index = index
        _kept.append(self)

    def isValid(self) -> bool:
        return self._parent.isValid() and self.index < self._parent.childCount()

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def _is_source(self) -> bool:
        message = self._parent.message
        return message is not None and self.index < len(message.chips.citations)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.Link if self._is_source() else QAccessible.Role.Button

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = True
        return state

    def text(self, t: QAccessible.Text) -> str:
        message = self._parent.message
        if message is None:
            return ""
        if not self._is_source():
            button = message.buttons[self.index - len(message.chips.citations)]
            return button if t == QAccessible.Text.Name else ""
        citation = message.chips.citations[self.index]
        if t == QAccessible.Text.Description:
            return citation.quote
        return f"Source {self.index + 1}: {source_in_words(citation)}" if t == QAccessible.Text.Name else ""

    def rect(self) -> QRect:
        return self._parent.rect()

    def childCount(self) -> int:
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # None: there is none
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1
