"""A laid-out part of a message: a text document that loads nothing, and what can be found in it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QBrush,
    QPainter,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextLength,
    QTextLine,
    QTextListFormat,
    QTextOption,
    QTextTable,
)

from desktop_app.window.conversation.chips import CHIP, ChipPainter, chip_rect
from desktop_app.window.conversation.look import Look
from desktop_app.window.conversation.plain import blocks, fragments
from desktop_app.window.theme import RADIUS

TABLE_GAP = 10
QUOTE_INDENT = 15
LIST_GAP = 10


@dataclass(frozen=True, slots=True)
class Target:
    """Something in a message that can be opened: the citation with a number, a link's address; or what a button
    does: try again, open Settings, show and hide what is folded, show a picture, open a file (by their ids)."""

    kind: Literal["citation", "link", "retry", "settings", "fold", "picture", "file"]
    value: str


class PartDocument(QTextDocument):
    """Lays HTML out at a width. `chips` paints its images; nothing is ever loaded, from disk or network."""

    def __init__(self, html: str, look: Look, chips: ChipPainter) -> None:
        super().__init__()
        self._look = look
        self._fitting: tuple[int, int] | None = None
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setIndentWidth(24)
        self.setDefaultFont(look.font)
        self.setDefaultStyleSheet(look.style_sheet)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setDefaultTextOption(option)
        self.documentLayout().registerHandler(QTextFormat.ObjectTypes.ImageObject.value, chips)
        self.setLayoutEnabled(False)
        self.setHtml(html)
        self._code: list[QTextTable] = []
        self._quotes: list[QTextTable] = []
        for table in _tables(self.rootFrame()):
            self._dress(table)
        for block in blocks(self):
            _space(block)
        self.setLayoutEnabled(True)

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        return None

    def height_at(self, width: float) -> float:
        if self.textWidth() != width:
            self.setTextWidth(width)
        return self.size().height()

    def fitting_width(self, most: int) -> int:
        """The narrowest width in which the lines break as they do at `most`."""
        if self._fitting is None or self._fitting[0] != most:
            self.setTextWidth(most)
            self._fitting = most, min(math.ceil(self.idealWidth()) + 1, most)
        return self._fitting[1]

    def gap_below(self) -> float:
        """Pixels to leave before the next part of the same message: Qt's height has no last margin in it."""
        last = self.lastBlock()
        return 0.0 if last.text() == "" else last.blockFormat().bottomMargin()

    def _dress(self, table: QTextTable) -> None:
        """Data tables have a border in our HTML, code has a ground, quotes have neither.

        A table takes the place of the margin below the paragraph before it; below another table stands an empty
        block, and the gap is there already.
        """
        form = table.format()
        form.setTopMargin(TABLE_GAP if self.findBlock(table.firstPosition() - 1).text() else 0)
        form.setBottomMargin(TABLE_GAP)
        if form.border() > 0:
            form.setBorder(1)
            form.setBorderCollapse(True)
            form.setBorderBrush(QBrush(self._look.rule))
            form.setBorderStyle(form.BorderStyle.BorderStyle_Solid)
        elif form.background().style() is not Qt.BrushStyle.NoBrush:
            form.clearBackground()
            form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            self._code.append(table)
        else:
            form.setLeftMargin(QUOTE_INDENT)
            self._quotes.append(table)
        table.setFormat(form)

    # Painting

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        """Draw what lies in `clip` (document coordinates), with the characters `selection` marked."""
        look, layout = self._look, self.documentLayout()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colours.raised)
        for table in self._code:
            painter.drawRoundedRect(self._box(table), RADIUS, RADIUS)
        painter.setBrush(look.rule)
        for table in self._quotes:
            box = self._box(table)
            painter.drawRoundedRect(QRectF(box.left() - QUOTE_INDENT, box.top(), 3, box.height()), 1.5, 1.5)
        painter.restore()
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, look.colours.text)
        context.clip = clip
        if selection is not None:
            marked = QAbstractTextDocumentLayout.Selection()
            marked.cursor = self._cursor(*selection)
            marked.format = _selected(look)
            context.selections = [marked]
        painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        layout.draw(painter, context)

    def _box(self, table: QTextTable) -> QRectF:
        """A table without its margins. Qt's rectangle has the size with margins and the place of the first cell."""
        rect, form = self.documentLayout().frameBoundingRect(table), table.format()
        inset = form.cellPadding() + form.cellSpacing() + form.border()
        return QRectF(
            rect.left() - inset,
            rect.top() - inset,
            rect.width() - form.leftMargin() - form.rightMargin(),
            rect.height() - form.topMargin() - form.bottomMargin(),
        )

    # Finding

    def position_at(self, point: QPointF) -> int:
        """The character position nearest to `point`."""
        return max(self.documentLayout().hitTest(point, Qt.HitTestAccuracy.FuzzyHit), 0)

    def target_at(self, point: QPointF) -> Target | None:
        layout = self.documentLayout()
        if image := layout.imageAt(point):
            return Target("citation", image.removeprefix(CHIP))
        if address := layout.anchorAt(point):
            return Target("link", address)
        return None

    def targets(self) -> list[tuple[Target, QRectF]]:
        """Everything that can be opened, in reading order, with the rectangle to mark it by."""
        found: list[tuple[Target, QRectF]] = []
        for block in blocks(self):
            for position, length, form in fragments(block):
                if form.isImageFormat():
                    for place in range(position, position + length):
                        number = form.toImageFormat().name().removeprefix(CHIP)
                        found.append((Target("citation", number), chip_rect(self._rect(block, place, place + 1))))
                elif form.isAnchor() and form.anchorHref():
                    target = Target("link", form.anchorHref())
                    if not found or found[-1][0] != target:  # a link with bold words in it is one link
                        found.append((target, self._rect(block, position, position + length)))
        return found

    def _rect(self, block: QTextBlock, start: int, end: int) -> QRectF:
        """The rectangle of the characters on the line where `start` is."""
        layout = block.layout()
        line = layout.lineForTextPosition(start - block.position())
        if not line.isValid():
            return QRectF()
        first = _x(line, start - block.position())
        until = min(end - block.position(), line.textStart() + line.textLength())
        last = _x(line, until)
        origin = self.documentLayout().blockBoundingRect(block).topLeft() + QPointF(0, line.y())
        return QRectF(origin.x() + min(first, last), origin.y(), abs(last - first), line.ascent())

    def word_at(self, position: int) -> tuple[int, int]:
        return self._unit(position, QTextCursor.SelectionType.WordUnderCursor)

    def paragraph_at(self, position: int) -> tuple[int, int]:
        return self._unit(position, QTextCursor.SelectionType.BlockUnderCursor)

    def _unit(self, position: int, unit: QTextCursor.SelectionType) -> tuple[int, int]:
        cursor = QTextCursor(self)
        cursor.setPosition(min(position, self.characterCount() - 1))
        cursor.select(unit)
        return cursor.selectionStart(), cursor.selectionEnd()

    def _cursor(self, start: int, end: int) -> QTextCursor:
        last = self.characterCount() - 1
        cursor = QTextCursor(self)
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor


def _tables(frame: QTextFrame) -> Iterator[QTextTable]:
    for child in frame.childFrames():
        if isinstance(child, QTextTable):
            yield child
        yield from _tables(child)


def _x(line: QTextLine, position: int) -> float:
    x = line.cursorToX(position)  # PySide6 answers (x, position), its stub says object
    return float(x[0] if isinstance(x, tuple) else x)  # type: ignore[arg-type]  # the stub


def _space(block: QTextBlock) -> None:
    """Qt demands a block after each table: an empty one shall not look like an empty line. Lists end with a gap,
    and tasks have boxes instead of bullets."""
    cursor = QTextCursor(block)
    text = block.text()
    if not text and cursor.currentTable() is None and not block.textList():
        form = QTextBlockFormat()
        form.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(form)
    elif text[:1] in ("☐", "☑") and (items := block.textList()) is not None:
        style = items.format()
        style.setStyle(QTextListFormat.Style.ListStyleUndefined)
        items.setFormat(style)
    if block.textList() is not None and block.next().textList() is None:
        form = block.blockFormat()
        form.setBottomMargin(LIST_GAP)
        cursor.setBlockFormat(form)


def _selected(look: Look) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setBackground(look.colours.accent)
    form.setForeground(look.colours.on_accent)
    return form
