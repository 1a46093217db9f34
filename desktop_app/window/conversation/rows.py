"""The rows of the conversation: parts of messages, notes under them, times, and what a run is doing.

A row knows about how tall it is, measures itself when it comes into view, and paints itself. The coordinates of
its methods are pixels from the row's top left; it is as wide as the view.
"""

import math
from abc import ABC, abstractmethod

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from desktop_app.window.conversation import times
from desktop_app.window.conversation.blocks import Part
from desktop_app.window.conversation.chips import Chips, paint_chip
from desktop_app.window.conversation.document import PartDocument, Target
from desktop_app.window.conversation.look import (
    AVATAR,
    BUBBLE_PADDING_BOTTOM,
    BUBBLE_PADDING_TOP,
    BUBBLE_PADDING_X,
    GAP,
    Look,
)
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen, paint_avatar
from desktop_app.window.conversation.text import clean, plain_to_html
from desktop_app.window.icons import pixmap
from desktop_app.window.theme import RADIUS

BUBBLE_SHARE = 0.82
"""Widest bubble, as a share of the column."""

RETRY = Target("retry", "")
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


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
        height = document.height_at(self._width(scene)) - (document.bottom_gap() if self.last else 0)
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
        return self.document(scene).plain_text(start, end)

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


class NoteRow(Row):
    """What became of an answer: "Stopped.", or why it failed, with a Retry button while that makes sense."""

    def __init__(self, message_id: str, note: str, failed: bool, alone: bool, can_retry: bool) -> None:
        self.message_id = message_id
        self._note = clean(note)
        self._failed = failed
        self._alone = alone
        self.can_retry = can_retry and failed

    def _top(self) -> int:
        return GAP if self._alone else 8

    def _text_rect(self, scene: Scene) -> QRect:
        """Of the note itself, below the row's top."""
        left, width = scene.column.text_left, scene.column.text_width
        top = self._top() + (10 if self._failed else 4)
        if self._failed:
            left, width = left + 40, width - 56
        font = scene.look.font if self._failed else scene.look.small
        bounds = QFontMetrics(font).boundingRect(0, 0, width, 1 << 20, _WRAP, self._note)
        return QRect(left, top, width, bounds.height())

    def _retry_rect(self, scene: Scene) -> QRect:
        text = self._text_rect(scene)
        width = QFontMetrics(scene.look.font).horizontalAdvance("Retry") + 46
        return QRect(text.left(), text.bottom() + 10, width, 32)

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        if not self._failed:
            return self._text_rect(scene).bottom() + 1
        last = self._retry_rect(scene) if self.can_retry else self._text_rect(scene)
        return last.bottom() + 12

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, colours = scene.look, scene.look.colours
        painter.save()
        painter.translate(rect.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self._text_rect(scene)
        if self._alone:
            paint_avatar(painter, scene.column.left, GAP, look)
        if self._failed:
            left, top = scene.column.text_left, self._top()
            frame = QRectF(left, top, scene.column.text_width, rect.height() - top - 1)
            painter.setPen(colours.border)
            painter.setBrush(colours.base)
            painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
            sign = pixmap("warning", colours.danger, 18, painter.device().devicePixelRatioF())
            painter.drawPixmap(scene.column.text_left + 13, text.top(), sign)
        painter.setFont(look.font if self._failed else look.small)
        painter.setPen(colours.text if self._failed else colours.muted)
        painter.drawText(text, _WRAP, self._note)
        if self.can_retry:
            self._paint_retry(painter, scene, marks)
        painter.restore()

    def _paint_retry(self, painter: QPainter, scene: Scene, marks: Marks) -> None:
        colours, rect = scene.look.colours, self._retry_rect(scene)
        focused = marks.focused is not None
        painter.setPen(focus_pen(scene.look) if focused else colours.border)
        painter.setBrush(colours.raised if marks.hovered == RETRY else colours.window)
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        sign = pixmap("retry", colours.text, 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 12, rect.top() + 8, sign)
        painter.setPen(colours.text)
        painter.drawText(rect.adjusted(34, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, "Retry")

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        return [(RETRY, QRectF(self._retry_rect(scene)))] if self.can_retry else []

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        return self._note

    def source(self) -> str:
        return self._note


class TimeRow(Row):
    """When the messages below were written, in Unix seconds."""

    def __init__(self, created_at: int) -> None:
        self._created_at = created_at

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return QFontMetrics(scene.look.small).height() + GAP

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        words = times.in_words(self._created_at)
        _paint_words(painter, rect.adjusted(0, GAP, 0, 0), words, scene.look, Qt.AlignmentFlag.AlignHCenter)


class ActivityRow(Row):
    """What the run is doing now, with a sign that it is alive."""

    DOTS = 3

    def __init__(self, words: str, alone: bool) -> None:
        self.words = words
        self.alone = alone
        """No text of the answer stands above it yet, so it carries the assistant's sign."""
        self.beat = 0

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return GAP + AVATAR if self.alone else AVATAR

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, left = scene.look, rect.left() + scene.column.text_left
        if self.alone:
            paint_avatar(painter, rect.left() + scene.column.left, rect.top() + GAP, look)
        line = QRect(left, rect.bottom() - AVATAR + 1, scene.column.text_width, AVATAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in range(self.DOTS):
            colour = look.colours.accent if dot == self.beat % self.DOTS else look.colours.border
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(left + 3 + dot * 9, line.center().y() + 1), 2.5, 2.5)
        painter.restore()
        place = line.adjusted(self.DOTS * 9 + 8, 0, 0, 0)
        _paint_words(painter, place, self.words, look, Qt.AlignmentFlag.AlignVCenter, look.font)


def _paint_words(
    painter: QPainter, rect: QRect, words: str, look: Look, where: Qt.AlignmentFlag, font: QFont | None = None
) -> None:
    painter.save()
    painter.setFont(font or look.small)
    painter.setPen(look.colours.muted)
    elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, where, elided)
    painter.restore()
