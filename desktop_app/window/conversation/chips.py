"""Citation chips: small numbers in the sentence that lead to the cited passage."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPyTextObject, QTextDocument, QTextFormat

from desktop_app.window.conversation.items import CitationMark
from desktop_app.window.conversation.look import Look

if TYPE_CHECKING:
    from desktop_app.wire.extensions import Citation

CHIP = "citation:"
"""Scheme of the inline image that stands for a chip in a document; its number follows."""

_QUOTE_SHOWN = 240


class Chips:
    """The distinct citations of a message, numbered from 1 in the order in which they are first cited."""

    def __init__(self, marks: Sequence[CitationMark]) -> None:
        self.citations: list[Citation] = []
        self.spans: list[tuple[int, int, int]] = []
        """(start, end, number) of each mark, in order and apart; what overlaps an earlier mark is left out."""
        numbers: dict[tuple[str, int | None, int, int], int] = {}
        here = 0
        for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
            if not here <= mark.start < mark.end:
                continue
            cited = mark.citation
            place = (cited.file_id, cited.page, cited.start, cited.end)
            if place not in numbers:
                self.citations.append(cited)
                numbers[place] = len(self.citations)
            self.spans.append((mark.start, mark.end, numbers[place]))
            here = mark.end

    def within(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """The spans inside `start`..`end`, counted from `start`."""
        first = bisect_left(self.spans, start, key=itemgetter(0))
        inside = takewhile(lambda span: span[1] <= end, islice(self.spans, first, None))
        return [(s - start, e - start, number) for s, e, number in inside]


def source_in_words(citation: "Citation") -> str:
    """`handbook.pdf, page 4`."""
    return ", ".join(word for word in (citation.file_name, citation.page_label) if word)


def tooltip(citation: "Citation") -> str:
    """`handbook.pdf, page 4: “quote…”`."""
    quote = " ".join(citation.quote.split())
    if len(quote) > _QUOTE_SHOWN:
        quote = quote[:_QUOTE_SHOWN].rsplit(" ", 1)[0] + "…"
    return f"{source_in_words(citation)}: “{quote}”" if quote else source_in_words(citation)


def paint_chip(painter: QPainter, rect: QRectF, number: str, look: Look, hovered: bool = False) -> None:
    colours = look.colours
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.accent if hovered else colours.selected)
    painter.drawRoundedRect(rect, 5, 5)
    painter.setPen(colours.on_accent if hovered else colours.accent)
    painter.setFont(look.chip_font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, number)
    painter.restore()


def chip_rect(inline: QRectF) -> QRectF:
    """Where a chip is painted, given its place in the line: a little around it, so that lines keep their height."""
    return inline.adjusted(2, -1, 0, 4)


class ChipPainter(QPyTextObject):
    """Paints the images of a document as chips; a document that has no other images needs to load none."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._chip_metrics = QFontMetricsF(look.chip_font)
        self._ascent = QFontMetricsF(look.font).ascent()

    def intrinsicSize(self, doc: QTextDocument, position: int, format: QTextFormat) -> QSizeF:
        width = self._chip_metrics.horizontalAdvance(_number(format)) + 10
        return QSizeF(max(width, 18.0) + 2, self._ascent)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, doc: QTextDocument, position: int, format: QTextFormat
    ) -> None:
        paint_chip(painter, chip_rect(QRectF(rect)), _number(format), self._look)


def _number(format: QTextFormat) -> str:
    return format.toImageFormat().name().removeprefix(CHIP)
