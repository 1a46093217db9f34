"""What a model thought before it answered: one folded line, and the text below it once that is opened.

Thoughts are no part of the answer: they can't be selected, and are never copied with it.
"""

from html import escape

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from desktop_app.window.conversation.document import PartDocument, Target
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.conversation.look import GAP
from desktop_app.window.conversation.rows import Row, TextRow
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen
from desktop_app.window.conversation.text import clean
from desktop_app.window.icons import pixmap

THOUGHTS = Target("thoughts", "")
HEIGHT = 24
BAR = 14
"""The text stands so far to the right of the bar at its left."""


def thoughts_in_words(item: MessageItem) -> str:
    """`Thought for 12 s`; of an answer that was read again it may not be known how long."""
    if item.status == "in_progress":
        return "What the model thinks"
    if not item.seconds:
        return "What the model thought"
    minutes, seconds = divmod(item.seconds, 60)
    return f"Thought for {minutes} min {seconds} s" if minutes else f"Thought for {seconds} s"


class ThoughtsRow(Row):
    """The line that opens and closes."""

    def __init__(self, message_id: str, words: str, is_open: bool) -> None:
        self.message_id = message_id
        self.words = words
        self.is_open = is_open

    def shows_the_same_as(self, other: "ThoughtsRow") -> bool:
        return (self.words, self.is_open) == (other.words, other.is_open)

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
        if marks.hovered == THOUGHTS or marks.focused is not None:
            painter.setPen(focus_pen(look) if marks.focused is not None else Qt.PenStyle.NoPen)
            painter.setBrush(look.colours.raised)
            painter.drawRoundedRect(QRectF(line).adjusted(1, 1, -1, -1), 6, 6)
        painter.drawPixmap(line.left() + 6, middle - 7, pixmap("thought", look.colours.muted, 14, ratio))
        painter.setFont(look.small)
        painter.setPen(look.colours.muted)
        painter.drawText(line.adjusted(26, 0, -22, 0), Qt.AlignmentFlag.AlignVCenter, self.words)
        arrow = pixmap("chevron-down" if self.is_open else "chevron-right", look.colours.muted, 14, ratio)
        painter.drawPixmap(line.right() - 20, middle - 7, arrow)
        painter.restore()

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        return [(THOUGHTS, QRectF(self._rect(scene)))]


class ThoughtTextRow(TextRow):
    """A part of what was thought, as it came, beside a bar."""

    def _html(self, scene: Scene) -> str:
        lines = escape(clean(self._text).strip("\n")).replace("\n", "<br />")
        colour = scene.look.colours.muted.name()
        return f'<p style="white-space: pre-wrap; margin: 0; font-size: 9.5pt; color: {colour}">{lines}</p>'

    def _most(self, scene: Scene) -> int:
        return scene.column.text_width - BAR

    def _origin(self, scene: Scene) -> QPointF:
        return QPointF(scene.column.text_left + BAR, 6 if self.first else 0)

    def measure(self, scene: Scene) -> int:
        document: PartDocument = self.document(scene)
        return int(document.height_at(self._width(scene)) + self._origin(scene).y()) + 8

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        top = rect.top() + (6 if self.first else 0)
        bottom = rect.bottom() - (8 if self.last else 0)
        painter.fillRect(QRect(rect.left() + scene.column.text_left, top, 2, bottom - top), scene.look.rule)
        self._paint_text(painter, rect, scene, marks)

    def length(self, scene: Scene) -> int:
        return 0

    def position_at(self, point: QPointF, scene: Scene) -> int:
        return 0

    def source(self) -> str:
        return ""
