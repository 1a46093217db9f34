"""A scroll area for very many rows that lays out only those in sight.

Every row has an estimated height until it comes into view and is measured. What is in sight stays where it is
while heights above it turn out different: the first measured row in view is the anchor of every new layout.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

LINE = 20
"""Pixels that one step of the arrow keys moves; the wheel moves three per notch."""

NEAR_BOTTOM = 12
"""A view whose end is at most so many pixels away counts as being at the end."""


class Heights:
    """Row heights in pixels with O(log n) changes, sums and look-ups (a Fenwick tree)."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree = [0, *self._heights]
        for node in range(1, len(self._tree)):
            parent = node + (node & -node)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[node]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, row: int) -> int:
        return self._heights[row]

    def __setitem__(self, row: int, height: int) -> None:
        change = height - self._heights[row]
        self._heights[row] = height
        node = row + 1
        while node < len(self._tree):
            self._tree[node] += change
            node += node & -node

    def append(self, height: int) -> None:
        node = len(self._tree)
        below = self.top(node - 1) - self.top(node - (node & -node))
        self._heights.append(height)
        self._tree.append(height + below)

    def truncate(self, count: int) -> None:
        """Forget all rows from `count` on."""
        del self._heights[count:]
        del self._tree[count + 1 :]

    def top(self, row: int) -> int:
        """The sum of the heights above `row`; for `row == len` the total."""
        total = 0
        while row > 0:
            total += self._tree[row]
            row -= row & -row
        return total

    def row_at(self, y: int) -> int:
        """The row that covers pixel `y`, counted from 0; the first or last one beyond the ends. Needs a row."""
        row, left = 0, max(y, 0)
        step = 1 << (len(self._tree).bit_length() - 1)
        while step:
            node = row + step
            if node < len(self._tree) and self._tree[node] <= left:
                row, left = node, left - self._tree[node]
            step >>= 1
        return min(row, len(self._heights) - 1)


class VirtualList(QAbstractScrollArea):
    """Rows one below another. Subclasses say how tall a row is and paint it:

    `estimate_height(row, width)` is called for every row and must be cheap, `measure_height(row, width)` once for
    a row that comes into view, `paint_row(painter, row, rect)` with `rect` in viewport coordinates.
    With `stick_to_bottom` a view that shows its end keeps showing it while rows grow or are added.
    """

    stuck_changed = Signal(bool)
    """Whether the view now follows its end; only with `stick_to_bottom`."""

    stick_to_bottom = False
    top_padding = 0
    bottom_padding = 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights = Heights()
        self._measured: set[int] = set()
        self._width = -1
        self._stuck = self.stick_to_bottom
        self._settling = False
        self.verticalScrollBar().setSingleStep(LINE)
        self.horizontalScrollBar().setSingleStep(LINE)

    # What a subclass says

    def estimate_height(self, row: int, width: int) -> int:
        raise NotImplementedError

    def measure_height(self, row: int, width: int) -> int:
        raise NotImplementedError

    def paint_row(self, painter: QPainter, row: int, rect: QRect) -> None:
        raise NotImplementedError

    def row_width(self) -> int:
        """Width rows are laid out in; wider than the viewport: a horizontal scroll bar appears."""
        return self.viewport().width()

    # What rows there are

    def row_count(self) -> int:
        return len(self._heights)

    def reset(self, count: int) -> None:
        """Other rows: forget every height, and show the end or the beginning."""
        self._estimate_all(count)
        self._set_stuck(self.stick_to_bottom)
        self._set_value(0)
        self.settle()

    def splice(self, row: int, removed: int, added: int) -> None:
        """`removed` rows from `row` on have become `added` others; what else is in view stays where it is."""
        bar, heights, gone = self.verticalScrollBar(), self._heights, range(row, row + removed)
        first = self.visible_rows().start
        inside = bar.value() - heights.top(row if first in gone else first)
        after = [heights[index] for index in range(row + removed, len(heights))]
        heights.truncate(row)
        for index in range(row, row + added):
            heights.append(self.estimate_height(index, max(self._width, 1)))
        for height in after:
            heights.append(height)
        shift = added - removed
        self._measured.difference_update(gone)
        if after and shift:
            self._measured = {index if index < row else index + shift for index in self._measured}
        if first in gone and not self._stuck:
            self._measure_down_to(row, row + added, inside)
            self._restore(row, inside)
        elif first > row and not self._stuck:
            self._restore(first + shift, inside)
        self.settle()

    def row_changed(self, row: int) -> None:
        """The height of `row` may be another one: measure it again when it is in view."""
        self._measured.discard(row)
        self.settle()

    def relayout(self) -> None:
        """The heights of all rows may be others (fonts, zoom): start from estimates, keep the place."""
        self._keep_place(lambda: self._estimate_all(len(self._heights)))

    # Where rows are

    def row_rect(self, row: int) -> QRect:
        """Where `row` lies, in viewport coordinates."""
        top = self.top_padding + self._heights.top(row) - self.verticalScrollBar().value()
        return QRect(-self.horizontalScrollBar().value(), top, self._width, self._heights[row])

    def row_at(self, y: int) -> int | None:
        """The row at viewport coordinate `y`; None outside all rows."""
        y += self.verticalScrollBar().value() - self.top_padding
        return self._heights.row_at(y) if 0 <= y < self._total() else None

    def visible_rows(self) -> range:
        if not len(self._heights):
            return range(0)
        top = self.verticalScrollBar().value() - self.top_padding
        return range(self._heights.row_at(top), self._heights.row_at(top + self.viewport().height() - 1) + 1)

    # Scrolling

    @property
    def stuck(self) -> bool:
        """Whether the view follows its end."""
        return self._stuck

    def scroll_to_row(self, row: int, offset: int = 0) -> None:
        """Put the point `offset` pixels below the top of `row` at the top of the viewport, as far as that goes."""
        self._set_stuck(False)
        self._measure(row)
        for _ in range(2):  # how far it goes is known once the rows around are measured
            self._update_range()
            self._set_value(self.top_padding + self._heights.top(row) + offset)
            self.settle()

    def show_in_row(self, row: int, top: int, bottom: int, margin: int = LINE) -> None:
        """Scroll as little as needed until the span `top`..`bottom` of `row` (pixels from its top) is in view."""
        self._measure(row)
        self._update_range()
        y = self.row_rect(row).top()
        if y + top < margin:
            self.scroll_to_row(row, top - margin)
        elif y + bottom > self.viewport().height() - margin:
            self.scroll_to_row(row, min(bottom + margin - self.viewport().height(), top - margin))
            self._follow_scroll()

    def scroll_to_bottom(self) -> None:
        """Show the end, and follow it where the view sticks."""
        self._set_stuck(self.stick_to_bottom)
        for _ in range(2):  # where the end is, is known once the last rows are measured
            self._set_value(self.verticalScrollBar().maximum())
            self.settle()

    def settle(self) -> None:
        """Measure what is in view, keep the anchor in place, adjust the scroll bars, repaint."""
        if self._settling or not self.isVisible():
            return
        self._settling = True
        try:
            if self._width != self.row_width():
                self._keep_place(lambda: self._estimate_all(len(self._heights)))
            self._update_range()
            while self._measure_visible():
                pass
        finally:
            self._settling = False
        self.viewport().update()

    def _measure_visible(self) -> bool:
        """One round; False when every row in view had been measured already."""
        bar = self.verticalScrollBar()
        if self._stuck:
            bar.setValue(bar.maximum())
        rows = self.visible_rows()
        fresh = [row for row in rows if row not in self._measured]
        if not fresh:
            return False
        anchor = next((row for row in rows if row in self._measured), rows.start)
        shift = bar.value() - self._heights.top(anchor)
        for row in fresh:
            self._measure(row)
        self._update_range()
        bar.setValue(bar.maximum() if self._stuck else self._heights.top(anchor) + shift)
        return True

    def _measure(self, row: int) -> None:
        if row not in self._measured:
            self._heights[row] = self.measure_height(row, max(self._width, 1))
            self._measured.add(row)

    def _measure_down_to(self, row: int, end: int, inside: int) -> None:
        """Measure rows from `row` on until they reach `inside` pixels below its top."""
        for index in range(row, end):
            self._measure(index)
            if self._heights.top(index + 1) - self._heights.top(row) > inside:
                break

    def _restore(self, row: int, inside: int) -> None:
        """Scroll to `inside` pixels below the top of `row`, as the bar counted before."""
        self._update_range()
        self._set_value(self._heights.top(row) + inside)

    def _estimate_all(self, count: int) -> None:
        self._width = self.row_width()
        width = max(self._width, 1)
        self._heights = Heights(self.estimate_height(row, width) for row in range(count))
        self._measured.clear()

    def _keep_place(self, change: Callable[[], None]) -> None:
        """Run `change`, which may alter every height, and show the same part of the same row again."""
        rows = self.visible_rows()
        if not rows or self._stuck:
            change()
        else:
            first = rows.start
            inside = (self.verticalScrollBar().value() - self._heights.top(first)) / max(self._heights[first], 1)
            change()
            self._measure(first)
            self._restore(first, round(inside * self._heights[first]))
        self.settle()

    def _total(self) -> int:
        return self._heights.top(len(self._heights))

    def _update_range(self) -> None:
        was, self._settling = self._settling, True  # a bar that has to move for its new range is not the user
        size = self.viewport().size()
        for bar, content, page in (
            (self.verticalScrollBar(), self.top_padding + self._total() + self.bottom_padding, size.height()),
            (self.horizontalScrollBar(), self._width, size.width()),
        ):
            bar.setPageStep(page)
            bar.setRange(0, max(content - page, 0))
        self._settling = was

    def _set_value(self, value: int) -> None:
        """Scroll without being taken for the user."""
        was, self._settling = self._settling, True
        self.verticalScrollBar().setValue(value)
        self._settling = was

    def _set_stuck(self, stuck: bool) -> None:
        if stuck != self._stuck:
            self._stuck = stuck
            self.stuck_changed.emit(stuck)

    def _follow_scroll(self) -> None:
        bar = self.verticalScrollBar()
        self._set_stuck(self.stick_to_bottom and bar.value() >= bar.maximum() - NEAR_BOTTOM)

    # Qt's virtual methods

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if not self._settling:
            self._follow_scroll()
            self.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        for row in self.visible_rows():
            rect = self.row_rect(row)
            if rect.intersects(event.rect()):
                self.paint_row(painter, row, rect)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_bottom()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Touchpads say how many pixels they mean; a wheel's notches are left to Qt."""
        if event.pixelDelta().isNull() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        for bar, delta in (
            (self.verticalScrollBar(), event.pixelDelta().y()),
            (self.horizontalScrollBar(), event.pixelDelta().x()),
        ):
            bar.setValue(bar.value() - delta)
