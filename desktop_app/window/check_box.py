"""A tick box whose frame can be seen in both palettes; the style's own one vanishes on a dark ground."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Theme


class CheckBox(QCheckBox):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        place = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        colours, ticked = Theme.current().colours, self.isChecked()
        painter = QPainter(self)
        painter.fillRect(place.adjusted(-1, -1, 1, 1), colours.window)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.accent if ticked or self.hasFocus() else colours.muted, 1.2))
        painter.setBrush(colours.accent if ticked else colours.base)
        painter.drawRoundedRect(QRectF(place).adjusted(0.6, 0.6, -0.6, -0.6), 3, 3)
        if ticked:
            size = place.height() - 3
            sign = pixmap("check", colours.on_accent, size, self.devicePixelRatioF())
            painter.drawPixmap(place.left() + 2, place.top() + 2, sign)
        painter.end()
