"""The line that opens and closes what stands above an answer: what the model thought, the code that it ran."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from desktop_app.window.conversation.document import Target
from desktop_app.window.conversation.look import GAP
from desktop_app.window.conversation.rows import Row
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen
from desktop_app.window.icons import pixmap

FOLD = Target("fold", "")
HEIGHT = 24


class FoldRow(Row):
    """Says `words` behind the picture `icon`."""

    def __init__(self, message_id: str, words: str, icon: str, is_open: bool) -> None:
        self.message_id = message_id
        self.words = words
        self.icon = icon
        self.is_open = is_open

    def shows_the_same_as(self, other: "FoldRow") -> bool:
        return (self.words, self.icon, self.is_open) == (other.words, other.icon, other.is_open)

    def _rect(self, scene: Scene) -> QRect:
        width = QFontMetrics(scene.look.small).horizontalAdvance(self.words) + 52
        return QRect(scene.column.text_left - 6, GAP, min(width, scene.column.text_width), HEIGHT)

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return GAP + HEIGHT

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, line = scene.look, self._rect(scene).translated(rect.topLeft())
        ratio = painter.device().devicePixelRatioF()
        middle = line.center().y()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if marks.hovered == FOLD or marks.focused is not None:
            painter.setPen(focus_pen(look) if marks.focused is not None else Qt.PenStyle.NoPen)
            painter.setBrush(look.colours.raised)
            painter.drawRoundedRect(QRectF(line).adjusted(1, 1, -1, -1), 6, 6)
        painter.drawPixmap(line.left() + 6, middle - 7, pixmap(self.icon, look.colours.muted, 14, ratio))
        painter.setFont(look.small)
        painter.setPen(look.colours.muted)
        painter.drawText(line.adjusted(26, 0, -22, 0), Qt.AlignmentFlag.AlignVCenter, self.words)
        arrow = pixmap("chevron-down" if self.is_open else "chevron-right", look.colours.muted, 14, ratio)
        painter.drawPixmap(line.right() - 20, middle - 7, arrow)
        painter.restore()

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        return [(FOLD, QRectF(self._rect(scene)))]
