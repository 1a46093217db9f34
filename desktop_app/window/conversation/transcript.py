"""Messages as the rows of a virtual list: loading, streaming, what the run is doing, and painting."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.conversation.look import GAP
from desktop_app.window.conversation.message import Message
from desktop_app.window.conversation.notes import ActivityRow
from desktop_app.window.conversation.rows import Row
from desktop_app.window.conversation.scene import Column, Marks, Scene
from desktop_app.window.conversation.times import is_shown
from desktop_app.window.theme import Theme
from desktop_app.window.virtual_list import VirtualList

COALESCE_MS = 33
"""Streamed text is shown so often: more cannot be seen, and costs a quarter more of a core."""

PREPARE_MS = 600
"""So long after it was made the view gets ready for the first answer: 0.1 s that would delay the first paint."""

BEAT_MS = 450
"""The sign of a running answer moves so often."""


class Transcript(VirtualList):
    """The messages of a thread, each a few rows, and at the end what the run is doing. Streamed text is collected
    and shown at 30 Hz; the view follows it while it shows the end."""

    stick_to_bottom = True
    bottom_padding = GAP

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme = Theme.current()
        theme.changed.connect(self._dress)
        self.scene = Scene(theme.colours)
        self._column_for = -1
        self._messages: dict[str, Message] = {}
        self._rows: list[Row] = []
        self._activity: ActivityRow | None = None
        self._waiting: dict[str, list[str]] = {}
        self._flush = QTimer(self, singleShot=True, interval=COALESCE_MS)
        self._flush.timeout.connect(self.flush)
        self._beat = QTimer(self, interval=BEAT_MS)
        self._beat.timeout.connect(self._move_activity)
        prepare = QTimer(self, singleShot=True, interval=PREPARE_MS)
        prepare.timeout.connect(_prepare)
        prepare.start()

    # Messages

    @property
    def messages(self) -> Sequence[Message]:
        return list(self._messages.values())

    def message(self, message_id: str) -> Message | None:
        return self._messages.get(message_id)

    def message_of_row(self, row: int) -> Message | None:
        return self._messages.get(self._rows[row].message_id)

    def set_messages(self, items: Sequence[MessageItem]) -> None:
        """Show these messages. Where they are a new state of the ones shown, the place in view is kept."""
        self._waiting.clear()
        place = self._place_in_message()
        known = self._messages
        self._messages, self._rows = {}, []
        previous = 0
        for item in items:
            message = known.get(item.id)
            if message is None or message.item != item:
                message = Message(item, is_shown(item.created_at, previous))
                if (before := known.get(item.id)) is not None and before.is_open:
                    message.is_open = True
                    message.update(item)
            message.first_row = len(self._rows)
            message.set_last(item is items[-1])
            self._messages[item.id] = message
            self._rows += message.rows
            previous = item.created_at or previous
        if self._activity is not None:
            self._activity.alone = self._is_answer_missing()
            self._rows.append(self._activity)
        self.reset(len(self._rows))
        if place is not None and (message := self._messages.get(place[0])) is not None:
            self.scroll_to_row(message.first_row + place[1], place[2])

    def append(self, item: MessageItem) -> None:
        """Add a message at the end; the user's own one is scrolled to."""
        if item.id in self._messages:
            self.replace(item)
            return
        last = self._last_message()
        message = Message(item, is_shown(item.created_at, last.item.created_at if last else 0))
        message.set_last(True)
        message.first_row = len(self._rows) - (self._activity is not None)
        self._messages[item.id] = message
        self._put_rows(message, 0, 0)
        if last is not None and last.set_last(False):
            self.row_changed(message.first_row - 1)
        if item.role == "user":
            self.scroll_to_bottom()

    def add_text(self, message_id: str, text: str) -> None:
        """Text streamed to the end of a message; what arrives within 33 ms is shown at once."""
        if message_id in self._messages:
            self._waiting.setdefault(message_id, []).append(text)
            if not self._flush.isActive():
                self._flush.start()

    def replace(self, item: MessageItem) -> None:
        """Another state of a message, whole: replaces what was streamed. Unknown messages are left alone."""
        self._waiting.pop(item.id, None)
        if (message := self._messages.get(item.id)) is not None:
            self._update(message, item)

    def flush(self) -> None:
        """Show what was streamed since the last time."""
        waiting, self._waiting = self._waiting, {}
        for message_id, pieces in waiting.items():
            message = self._messages[message_id]
            self._update(message, replace(message.item, text=message.item.text + "".join(pieces)))

    def fold(self, message: Message) -> None:
        """Show the text of what is folded, or hide it."""
        message.is_open = not message.is_open
        self._update(message, message.item)

    def set_picture(self, file_id: str, image: QImage) -> None:
        """A picture that was wanted; a null image where it can't be had."""
        self.scene.keep_picture(file_id, image)
        for message in self._messages.values():
            if file_id in message.item.pictures:
                for row in range(message.first_row, message.first_row + len(message.rows)):
                    self.row_changed(row)
        self.viewport().update()

    def _update(self, message: Message, item: MessageItem) -> None:
        old = message.rows
        kept = message.update(item)
        for row in old[kept:]:
            self.scene.forget(row)
        # the row before the changed ones is measured again: it may have become the last one, or no longer be it
        kept = max(kept - 1, 0)
        self._put_rows(message, kept, len(old) - kept)

    def _put_rows(self, message: Message, kept: int, removed: int) -> None:
        """After `kept` rows of `message`, `removed` ones have become those that it has now."""
        row, added = message.first_row + kept, message.rows[kept:]
        self._rows[row : row + removed] = added
        for other in reversed(self._messages.values()):
            if other is message:
                break
            other.first_row += len(added) - removed
        self.splice(row, removed, len(added))
        self._settle_activity()

    def _last_message(self) -> Message | None:
        return next(reversed(self._messages.values()), None)

    def _place_in_message(self) -> tuple[str, int, int] | None:
        """(message, row in it, pixels) at the top of the view; None at the end, which is followed."""
        rows = self.visible_rows()
        message = self.message_of_row(rows.start) if rows and not self.stuck else None
        if message is None:
            return None
        return message.item.id, rows.start - message.first_row, -self.row_rect(rows.start).top()

    # What the run is doing

    def set_activity(self, words: str | None) -> None:
        """Say at the end of the conversation what a run is doing; None or "": no run."""
        if self._activity is not None and words:
            self._activity.say(words)
            self._settle_activity()
            self._update_row(len(self._rows) - 1)
        elif words:
            self._activity = ActivityRow(words, self._is_answer_missing())
            self._rows.append(self._activity)
            self.splice(len(self._rows) - 1, 0, 1)
            self._beat.start()
        elif self._activity is not None:
            self._activity = None
            self._rows.pop()
            self.splice(len(self._rows), 1, 0)
            self._beat.stop()

    def _is_answer_missing(self) -> bool:
        last = self._last_message()
        return last is None or last.item.role != "assistant" or not last.rows

    def _settle_activity(self) -> None:
        if self._activity is not None and self._activity.alone != self._is_answer_missing():
            self._activity.alone = self._is_answer_missing()
            self.row_changed(len(self._rows) - 1)

    def _move_activity(self) -> None:
        if self._activity is not None:
            self._activity.beat += 1
            self._update_row(len(self._rows) - 1)

    def _update_row(self, row: int) -> None:
        self.viewport().update(self.row_rect(row))

    # What VirtualList asks

    def row_width(self) -> int:
        """As if the scroll bar were always there: its coming and going moves nothing."""
        bar = self.verticalScrollBar()
        bar.ensurePolished()  # its width is the style sheet's, which a bar that was never shown doesn't know yet
        return max(self.width() - bar.sizeHint().width(), 1)

    def estimate_height(self, row: int, width: int) -> int:
        return self._rows[row].estimate(self._scene_at(width))

    def measure_height(self, row: int, width: int) -> int:
        return self._rows[row].measure(self._scene_at(width))

    def _scene_at(self, width: int) -> Scene:
        if width != self._column_for:
            self.scene.column, self._column_for = Column.within(width), width
        return self.scene

    def paint_row(self, painter: QPainter, row: int, rect: QRect) -> None:
        self._rows[row].paint(painter, rect, self.scene, self.marks(row))

    def marks(self, row: int) -> Marks:
        """What is selected, hovered and focused in `row`."""
        return Marks()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.scene.look.colours.window)
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scene_at(self.row_width())
        super().resizeEvent(event)

    def _dress(self) -> None:
        self.scene.dress(Theme.current().colours)
        self.relayout()


def _prepare() -> None:
    from desktop_app.window.conversation import markdown

    markdown.prepare()
