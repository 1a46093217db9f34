"""The Threads pane: every thread with its title, when it was last active, and how long it is."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.window.pane import Pane
from desktop_app.window.rows import Row, RowList
from desktop_app.window.session import Session

if TYPE_CHECKING:
    from desktop_app.client.extensions import ThreadEntry

_CLOCK_MS = 30_000
"""How often "2 min ago" is looked at again."""


class ThreadsPane(Pane):
    """Shows the session's threads; `new_asked()` and `delete_asked(id)` are what a person wants done."""

    new_asked = Signal()
    delete_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Threads", parent)
        self._session = session
        self.list = RowList("Threads", "Your questions and their answers will be kept here")
        self.list.chosen.connect(session.select_thread)
        self.list.delete_asked.connect(self.delete_asked)
        self.delete_button = self.add_tool("trash", "Delete thread", self._delete)
        self.new_button = self.add_tool("add", "New thread", self.new_asked.emit)
        self.set_content(self.list)
        session.threads_changed.connect(self._show)
        session.thread_selected.connect(self._show)
        clock = QTimer(self, interval=_CLOCK_MS)
        clock.timeout.connect(self._show)
        clock.start()
        self._show()

    def _show(self) -> None:
        now = datetime.now().astimezone()
        self.list.set_rows([row_of(entry, now) for entry in self._session.threads], self._session.thread_id)
        self.delete_button.setEnabled(self._session.connection is not None and self._session.thread_id is not None)

    def _delete(self) -> None:
        if self._session.thread_id is not None:
            self.delete_asked.emit(self._session.thread_id)


def row_of(entry: "ThreadEntry", now: datetime) -> Row:
    """A thread as a row; `now` has a time zone, in which times are told."""
    count = entry.deskside.message_count
    messages = "1 message" if count == 1 else f"{count} messages"
    when = spoken_time(entry.deskside.last_active_at or entry.created_at, now)
    return Row(entry.id, entry.deskside.title or "New thread", f"{when} · {messages}")


def spoken_time(unix_seconds: int, now: datetime) -> str:
    """A moment as people say it: "just now", "5 min ago", "14:05", "Yesterday", "3 Nov", "3 Nov 2025"."""
    moment = datetime.fromtimestamp(unix_seconds, now.tzinfo)
    age = now - moment
    if age < timedelta(minutes=1):
        return "Just now"
    if age < timedelta(hours=1):
        return f"{int(age.total_seconds() // 60)} min ago"
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    if moment.date() == (now - timedelta(days=1)).date():
        return "Yesterday"
    day = f"{moment.day} {QLocale().monthName(moment.month, QLocale.FormatType.ShortFormat)}"
    return day if moment.year == now.year else f"{day} {moment.year}"
