"""A combo box with the window's own arrow: where a style sheet gives it a frame, Qt's own arrow is left out."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Theme

ARROW = 14


class ComboBox(QComboBox):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        arrow = pixmap("chevron-down", Theme.current().colours.muted, ARROW, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - ARROW - 8, (self.height() - ARROW) // 2, arrow)
        painter.end()
