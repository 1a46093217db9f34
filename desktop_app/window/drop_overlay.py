"""What shows that files may be let go anywhere on the window."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_app.window.composer import local_files
from desktop_app.window.model_offer import is_model
from desktop_app.window.theme import Theme, interface_font

ADD = "Drop to add to the documents"
USE = "Drop to use as a local model"


class DropOverlay(QWidget):
    """Covers its window while files are dragged over it; `dropped(paths)` when they are let go."""

    dropped = Signal(list)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.text = ADD
        self.setAcceptDrops(True)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent) and local_files(event.mimeData()):
            event.acceptProposedAction()
            self.text = USE if all(map(is_model, local_files(event.mimeData()))) else ADD
            self.setGeometry(self._window.rect())
            self.raise_()
            self.show()
            return True
        if isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            self.dropEvent(event)
            return True
        if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Resize):
            self.setGeometry(self._window.rect())
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.hide()
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(files)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = Theme.current().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = colours.window.toRgb()
        veil.setAlphaF(0.86)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(colours.accent, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 14, 14)
        painter.setPen(colours.accent)
        painter.setFont(interface_font(16))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
