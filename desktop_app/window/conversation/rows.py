"""The rows of the conversation that are parts of messages.

A row knows about how tall it is, measures itself when it comes into view, and paints itself. The coordinates of
its methods are pixels from the row's top left; it is as wide as the view.
"""

import math
from abc import ABC, abstractmethod

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop_app.window.conversation.blocks import Part
from desktop_app.window.conversation.chips import Chips, paint_chip
from desktop_app.window.conversation.document import PartDocument, Target
from desktop_app.window.conversation.look import (
    AVATAR,
    BUBBLE_PADDING_BOTTOM,
    BUBBLE_PADDING_TOP,
    BUBBLE_PADDING_X,
    GAP,
)
from desktop_app.window.conversation.plain import plain_text
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen, paint_avatar
from desktop_app.window.conversation.text import clean, plain_to_html
from desktop_app.window.theme import RADIUS

BUBBLE_SHARE = 0.82
"""Widest bubble, as a share of the column."""


class Row(ABC):
    """`message_id` is "" where a row belongs to no message."""

    message_id = ""

    @abstractmethod
    def estimate(self, scene: Scene) -> int:
        """A height in pixels, guessed without laying anything out."""

    @abstractmethod
    def measure(self, scene: Scene) -> int: ...

    @abstractmethod
    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        """Paint at `rect`, which is in the painter's coordinates."""

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        """What can be opened in the row, in reading order."""
        return []

    def target_at(self, point: QPointF, scene: Scene) -> Target | None:
        return next((target for target, rect in self.targets(scene) if rect.contains(point)), None)

    def length(self, scene: Scene) -> int:
        """How many characters of the row can be selected."""
        return 0

    def position_at(self, point: QPointF, scene: Scene) -> int:
        return 0

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        """The text between two positions as it is read."""
        return ""

    def source(self) -> str:
        """The text as it was written, at no cost."""
        return ""


class TextRow(Row):
    """A part of a message's text. `first` and `last` tell its place among the parts of the message.

    Code in the open end of a message that is `growing` is coloured when it is finished."""

    def __init__(self, message_id: str, text: str, part: Part, chips: Chips, growing: bool, definitions: str) -> None:
        self.message_id = message_id
        self.part = part
        self.first = self.last = True
        self._text = text[part.start : part.end]
        self._spans = chips.within(part.start, part.end)
        self._definitions = definitions
        self._plain_code = growing and part.open_fence

    def _html(self, scene: Scene) -> str:
        from desktop_app.window.conversation import markdown

        text = self.part.before + markdown.with_chips(clean(self._text), self._spans)
        return markdown.to_html(text, clean(self._definitions), scene.look.colours, self._plain_code)

    def shows_the_same_as(self, other: "TextRow") -> bool:
        return self._shown() == other._shown()

    def _shown(self) -> tuple[object, ...]:
        return self.part, self._text, self._spans, self._definitions, self._plain_code

    def document(self, scene: Scene) -> PartDocument:
        return scene.document(self, lambda: self._html(scene))

    def laid_out(self, scene: Scene) -> PartDocument:
        document = self.document(scene)
        document.height_at(self._width(scene))
        return document

    def _most(self, scene: Scene) -> int:
        """Width that the text may take."""
        return scene.column.text_width

    def _width(self, scene: Scene) -> int:
        """Width that it takes; it may have to be laid out to know."""
        return self._most(scene)

    def _origin(self, scene: Scene) -> QPointF:
        """Where the document begins."""
        return QPointF(scene.column.text_left, (GAP if self.first else 0) + (2 if self.first else 0))

    def estimate(self, scene: Scene) -> int:
        lines = len(self._text) * scene.look.character / self._most(scene) + self._text.count("\n") * 0.7 + 1
        return (GAP if self.first else 0) + int(lines * scene.look.line)

    def measure(self, scene: Scene) -> int:
        document = self.document(scene)
        height = document.height_at(self._width(scene)) + (0 if self.last else document.gap_below())
        height += self._origin(scene).y()
        return math.ceil(max(height, GAP + AVATAR) if self.first else height)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        if self.first:
            paint_avatar(painter, rect.left() + scene.column.left, rect.top() + GAP, scene.look)
        self._paint_text(painter, rect, scene, marks)

    def _paint_text(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        document, look = self.laid_out(scene), scene.look
        origin = QPointF(rect.topLeft()) + self._origin(scene)
        clip = QRectF(painter.viewport()).intersected(QRectF(rect)).translated(-origin)
        clip.setLeft(-scene.column.text_left)
        painter.save()
        painter.translate(origin)
        document.paint(painter, clip, marks.selection)
        if marks.hovered is not None or marks.focused is not None:
            for index, (target, place) in enumerate(document.targets()):
                if target == marks.hovered and target.kind == "citation":
                    paint_chip(painter, place, target.value, look, hovered=True)
                if index == marks.focused:
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                    painter.setPen(focus_pen(look))
                    painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), 6, 6)
        painter.restore()

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        origin = self._origin(scene)
        return [(target, rect.translated(origin)) for target, rect in self.laid_out(scene).targets()]

    def target_at(self, point: QPointF, scene: Scene) -> Target | None:
        return self.laid_out(scene).target_at(point - self._origin(scene))

    def length(self, scene: Scene) -> int:
        return self.document(scene).characterCount() - 1

    def position_at(self, point: QPointF, scene: Scene) -> int:
        return self.laid_out(scene).position_at(point - self._origin(scene))

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        return plain_text(self.document(scene), start, end)

    def source(self) -> str:
        pieces, here = [], 0
        for start, end, number in self._spans:
            pieces += [self._text[here:start], f"[{number}]"]
            here = end
        return "".join([*pieces, self._text[here:]]).strip("\n")


class BubbleRow(TextRow):
    """What the person wrote, as it was typed, in a bubble at the right."""

    def _html(self, scene: Scene) -> str:
        text = clean(self._text)
        return plain_to_html(text.rstrip("\n") if self.last else text.removesuffix("\n"))

    def _most(self, scene: Scene) -> int:
        return int(scene.column.width * BUBBLE_SHARE) - 2 * BUBBLE_PADDING_X

    def _width(self, scene: Scene) -> int:
        """A short message gets a narrow bubble; the parts of a long one are equally wide."""
        most = self._most(scene)
        return self.document(scene).fitting_width(most) if self.first and self.last else most

    def _origin(self, scene: Scene) -> QPointF:
        right = scene.column.left + scene.column.width
        top = GAP + BUBBLE_PADDING_TOP if self.first else 0
        return QPointF(right - BUBBLE_PADDING_X - self._width(scene), top)

    def measure(self, scene: Scene) -> int:
        height = self.document(scene).height_at(self._width(scene)) + self._origin(scene).y()
        return math.ceil(height) + (BUBBLE_PADDING_BOTTOM if self.last else 0)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        width = self._width(scene) + 2 * BUBBLE_PADDING_X
        left = rect.left() + scene.column.left + scene.column.width - width
        bubble = QRect(left, rect.top(), width, rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scene.look.colours.bubble)
        painter.setClipRect(bubble, Qt.ClipOperation.IntersectClip)
        # parts in the middle of a long message have their corners outside of the clip
        bubble.adjust(0, GAP if self.first else -RADIUS, 0, 0 if self.last else RADIUS)
        painter.drawRoundedRect(bubble, RADIUS, RADIUS)
        painter.restore()
        self._paint_text(painter, rect, scene, marks)
