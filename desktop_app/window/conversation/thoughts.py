"""What a model thought before it answered: what its fold says, and the text below it.

Thoughts are no part of the answer: they can't be selected, and are never copied with it.
"""

from html import escape

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter

from desktop_app.window.conversation.document import PartDocument
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.conversation.rows import TextRow
from desktop_app.window.conversation.scene import Marks, Scene
from desktop_app.window.conversation.text import clean

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
