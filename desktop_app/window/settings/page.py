"""What the pages of the Settings dialog share: how they are read again, and where their trouble is told."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.client.connection import Connection
from desktop_app.client.errors import ClientError
from desktop_app.window.notices import Level, Notice, Notices
from desktop_app.window.session import REFRESH_MS, Session
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import interface_font

if TYPE_CHECKING:
    from desktop_app.wire.extensions import Change


class Page(QWidget):
    """A subclass says what it reads with `load`; that is done when it is shown and whenever the feed names a model."""

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__()
        self.session, self._tasks = session, tasks
        self.notices = Notices()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        self.column.addWidget(self.notices)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self.reload)
        session.changed.connect(self._notice)

    async def load(self) -> None:
        """Read what the page shows from the service, and show it."""
        raise NotImplementedError

    @property
    def service(self) -> Connection:
        return self.session.service

    def reload(self) -> None:
        if not self.do("load", self.load()):
            self._timer.start()  # what is being read now may miss the newest change

    def do(self, name: str, work: Coroutine[Any, Any, None], *, newest: bool = False) -> bool:
        """Run `work`; what goes wrong is told on this page. False: that is being done already.

        With `newest`, what is being done is given up for it.
        """
        start = self._tasks.restart if newest else self._tasks.start
        task = start(f"settings.{type(self).__name__}.{name}", self._told(name, work))
        if task is None:
            work.close()
            return False
        task.add_done_callback(lambda _: work.close())  # one that is cancelled before its first step never began it
        return True

    async def _told(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ClientError as error:
            self.notices.report(Notice(str(error), Level.ERROR, topic=name))
        else:
            self.notices.clear(name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def _notice(self, change: "Change") -> None:
        if change.kind == "model" and self.isVisible() and not self._timer.isActive():
            self._timer.start()


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(interface_font(11.5, QFont.Weight.DemiBold))
    return label


def hint(text: str = "") -> QLabel:
    """A quieter sentence that wraps."""
    label = QLabel(text)
    label.setProperty("class", "heading")
    label.setFont(interface_font(9.5))
    label.setWordWrap(True)
    return label
