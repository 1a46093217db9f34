"""The window as it appears at once: its columns are drawn empty while everything in them is still being imported."""

from PySide6.QtCore import QCoreApplication, QEventLoop, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from desktop_app.window.memory import Memory
from desktop_app.window.theme import RADIUS, SPACING, Theme

START_SIZE = (1280, 800)
COLUMNS = (250, 720, 310)
"""Widths of the columns at the first start; later the splitter remembers them."""

_TOP = 64
"""Where the panes begin: under the menus and the headings."""

_PAINTED_WITHIN_MS = 500
"""A window that is started minimised is never painted."""


class Frame(QMainWindow):
    """The top-level window. `painted()` at its first paint; what `furnish` brings fills it, and is asked to close."""

    painted = Signal()

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.setWindowTitle("Deskside")
        self.resize(*START_SIZE)
        self.setMinimumSize(760, 480)
        if (geometry := memory.layout("window")) is not None:
            self.restoreGeometry(geometry)
        self.closed_early = False

    def show_at_once(self) -> None:
        """Show it, and come back when it has been painted; for the time before asyncio runs."""
        waiting = True

        def end_waiting() -> None:
            nonlocal waiting
            waiting = False

        self.painted.connect(end_waiting)
        QTimer.singleShot(_PAINTED_WITHIN_MS, end_waiting)
        self.show()
        while waiting:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def furnish(self, content: QWidget) -> None:
        focus = content.focusWidget()  # a widget that moves to another window loses it
        self.setCentralWidget(content)
        content.show()
        if focus is not None:
            focus.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.centralWidget() is not None:
            super().paintEvent(event)
            return
        colours = Theme.current().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.window)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.border, 1))
        painter.setBrush(colours.base)
        gap = SPACING + 4
        scale = (self.width() - (len(COLUMNS) + 1) * gap) / sum(COLUMNS)
        left = float(gap)
        for width in COLUMNS:
            pane = QRectF(left, _TOP, width * scale, self.height() - _TOP - gap)
            painter.drawRoundedRect(pane.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS, Qt.SizeMode.AbsoluteSize)
            left += pane.width() + gap
        painter.end()
        self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What it holds ends in order, and says so itself."""
        event.ignore()
        content = self.centralWidget()
        if content is not None:
            content.close()
        self.closed_early = content is None
        self.hide()
