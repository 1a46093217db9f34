"""The pages of a PDF one below another, drawn when they come into view, with the cited words marked."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QWidget

from desktop_app.window.source.pdf import Pdf, UnreadablePdfError
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import LIGHT, Theme
from desktop_app.window.virtual_list import VirtualList
from desktop_app.wire.extensions import Box

CACHE_BYTES = 96 * 1024 * 1024
GAP = 10
"""Pixels between pages and around them."""

READABLE = 1.0
"""Where the width of the page would be fitted with fewer pixels per point than this, that of its text is."""

MARGIN = 10.0
"""Points that are left of the page's own margins then."""

ZOOM_STEP = 1.25
SCALES = (0.2, 6.0)
"""The smallest and the largest zoom, in pixels per point."""

_PAPER = QColor(Qt.GlobalColor.white)
_MARK = LIGHT.mark
"""Paper is white in the dark theme too, and so its mark is the light one."""
_OUTLINE = _MARK.darker(150)
_PARAGRAPH = 1.5
"""Lines of a passage that are less than so many line heights apart are outlined as one."""


@dataclass(frozen=True)
class Mark:
    """What is marked: boxes on page `page` (from 0), a whole passage when not `exact`; `text` for screen readers."""

    page: int
    boxes: Sequence[Box]
    exact: bool = True
    text: str = ""


def _passage(lines: Sequence[QRectF]) -> QPainterPath:
    """The outline around lines of text, from the top down: each line reaches to the next one below it."""
    shape = QPainterPath()
    for line, below in zip_longest(lines, lines[1:]):
        area = line.adjusted(-2, -1, 2, 1)
        if (
            below is not None
            and line.top() < below.top() <= line.bottom() + _PARAGRAPH * line.height()
            and line.left() < below.right()
            and below.left() < line.right()
        ):
            area.setBottom(max(area.bottom(), below.top()))
        part = QPainterPath()
        part.addRect(area)
        shape = shape.united(part)
    return shape.simplified()


class PageView(VirtualList):
    """Shows one PDF at a time; `page_changed(int)` is the page, from 0, that is being read."""

    page_changed = Signal(int)

    top_padding = GAP
    bottom_padding = GAP

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._pdf: Pdf | None = None
        self._name = ""
        self._mark: Mark | None = None
        self._page = 0
        self._fitted = 0
        self._column: tuple[float, float] | None = None
        self._zoom: float | None = None
        self._images: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._broken: dict[int, str] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Page")
        # With a bar that comes and goes, fitting the width would change the width.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QAbstractScrollArea::corner { background: transparent; border: none; }")
        self.verticalScrollBar().valueChanged.connect(self._follow_page)
        Theme.current().changed.connect(self.viewport().update)

    def show_pdf(
        self,
        pdf: Pdf | None,
        name: str = "",
        mark: Mark | None = None,
        page: int = 0,
        column: tuple[float, float] | None = None,
    ) -> None:
        """Another document, or another place in the same one: the mark, or else the page, is scrolled into view.

        `column` is where the text stands across the page (see `Pdf.column`).
        """
        self._column = column
        self._fitted = page
        if pdf is not self._pdf:
            self._images.clear()
            self._broken.clear()
            self._pdf = pdf
            self._mark = mark
            self.reset(len(pdf.sizes) if pdf is not None else 0)
        self._name = name
        self._mark = mark
        self._page = -1
        if pdf is not None:
            self.relayout()
            self._show_place(mark.page if mark is not None else page)

    def current_page(self) -> int:
        """The page, from 0, that holds the mark while that is in view, else the one in the middle of the view."""
        rows = self.visible_rows()
        if self._mark is not None and self._mark.page in rows and self._mark_rect().intersects(self.viewport().rect()):
            return self._mark.page
        middle = self.row_at(self.viewport().height() // 2)
        return middle if middle is not None else max(rows.stop - 1, 0)

    def box_rect(self, box: Box) -> QRectF:
        """Where a box is in the viewport now."""
        return self._on_page(box, self._paper(box.page - 1, self.row_rect(box.page - 1)))

    # Zoom

    @property
    def scale(self) -> float:
        """Pixels (device-independent) per point."""
        if self._zoom is not None or self._pdf is None or not self._pdf.sizes:
            return self._zoom or 1.0
        room = self.viewport().width() - 2 * GAP
        whole = room / max(self._pdf.sizes[self._fitted].width(), 1.0)
        if whole >= READABLE or self._column is None:
            return self._within(whole)
        left, right = self._column
        return self._within(max(min(room / (right - left + 2 * MARGIN), READABLE), whole))

    def zoom_in(self) -> None:
        self._set_zoom(self.scale * ZOOM_STEP)

    def zoom_out(self) -> None:
        self._set_zoom(self.scale / ZOOM_STEP)

    def fit_width(self) -> None:
        self._set_zoom(None)

    def _set_zoom(self, zoom: float | None) -> None:
        self._zoom = None if zoom is None else self._within(zoom)
        self.relayout()
        self._place_across()

    def _place_across(self) -> None:
        """Scroll sideways to the text: to its middle, or to its beginning where it is wider than the view."""
        if self._pdf is None:
            return
        left, right = self._column or (0.0, self._size(self._fitted).width())
        text = [edge * self.scale for edge in (left - MARGIN, right + MARGIN)]
        room = self.viewport().width()
        place = min(text[0], (text[0] + text[1] - room) / 2)
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + round(self._paper(self._fitted, self.row_rect(self._fitted)).left() + place))

    @staticmethod
    def _within(scale: float) -> float:
        return min(max(scale, SCALES[0]), SCALES[1])

    # What VirtualList asks

    def row_width(self) -> int:
        viewport = self.viewport().width()
        if self._pdf is None:
            return viewport
        return max(viewport, round(self._pdf.widest * self.scale) + 2 * GAP)

    def estimate_height(self, row: int, width: int) -> int:
        return max(round(self._size(row).height() * self.scale), 1) + GAP

    def measure_height(self, row: int, width: int) -> int:
        return self.estimate_height(row, width)

    def paint_row(self, painter: QPainter, row: int, rect: QRect) -> None:
        paper = self._paper(row, rect)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self._image(row)
        if image is None:
            painter.fillRect(paper, _PAPER)
        else:
            painter.drawImage(paper, image)
        if row in self._broken:
            painter.setPen(LIGHT.muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(paper.adjusted(20, 20, -20, -20).toRect(), int(flags), self._broken[row])
        if self._mark is not None and self._mark.page == row:
            self._paint_mark(painter, paper, self._mark)
        painter.setPen(Theme.current().colours.border)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(paper.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._is_missing(row):
            self._tasks.start("source.draw", self._draw_visible())

    def _paint_mark(self, painter: QPainter, paper: QRectF, mark: Mark) -> None:
        """Like a highlighter: the text stays as dark as it is."""
        painter.save()
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        areas = [self._on_page(box, paper) for box in mark.boxes]
        if mark.exact:
            for area in areas:
                painter.fillRect(area, _MARK)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(_OUTLINE, 1.5))
            painter.drawPath(_passage(areas))
        painter.restore()

    # Where things are

    def _paper(self, row: int, rect: QRect) -> QRectF:
        """The page itself within its row, on whole pixels: in the middle, above the gap."""
        width = round(self._size(row).width() * self.scale)
        return QRectF(rect.left() + max((rect.width() - width) // 2, 0), rect.top(), width, rect.height() - GAP)

    def _size(self, row: int) -> QSizeF:
        assert self._pdf is not None
        return self._pdf.sizes[row]

    def _on_page(self, box: Box, paper: QRectF) -> QRectF:
        scale = self.scale
        area = QRectF(box.x0 * scale, box.y0 * scale, (box.x1 - box.x0) * scale, (box.y1 - box.y0) * scale)
        return area.translated(paper.topLeft())

    def _mark_rect(self) -> QRect:
        """The mark's bounds in the viewport; the whole page when it has no boxes."""
        assert self._mark is not None
        rect = self.row_rect(self._mark.page)
        bounds = QRectF()
        for box in self._mark.boxes:
            bounds = bounds.united(self._on_page(box, self._paper(self._mark.page, rect)))
        return bounds.toAlignedRect() if self._mark.boxes else rect

    def _show_place(self, page: int) -> None:
        """A mark is put a quarter down the view, or higher when it would not fit."""
        if self._mark is None or not self._mark.boxes:
            self.scroll_to_row(page, -GAP)
        else:
            self.scroll_to_row(page)
            inside = self._mark_rect().translated(0, -self.row_rect(page).top())
            room = self.viewport().height() - min(inside.height(), self.viewport().height())
            self.scroll_to_row(page, inside.top() - min(self.viewport().height() // 4, room))
        self._place_across()
        if self._mark is not None and self._mark.boxes and self._mark_rect().right() > self.viewport().width():
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + self._mark_rect().center().x() - self.viewport().width() // 2)
        self._follow_page()

    def _follow_page(self) -> None:
        if self._pdf is None or not self.row_count():
            return
        page = self.current_page()
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)
            marked = self._mark.text if self._mark is not None and self._mark.page == page else ""
            place = f"{self._name}, page {page + 1} of {self.row_count()}"
            self.setAccessibleDescription(f"{place}, marked: {marked}" if marked else place)

    # Drawing, off this thread

    def _pixels(self, row: int) -> QSize:
        """The size of a sharp drawing of the page."""
        return (self._paper(row, self.row_rect(row)).size() * self.devicePixelRatioF()).toSize()

    def _image(self, row: int) -> QImage | None:
        """The sharp drawing, or one of another zoom until that is there."""
        width = self._pixels(row).width()
        if (row, width) in self._images:
            self._images.move_to_end((row, width))
            return self._images[row, width]
        others = [key for key in self._images if key[0] == row]
        return self._images[min(others, key=lambda key: abs(key[1] - width))] if others else None

    async def _draw_visible(self) -> None:
        """Draw what is in view, one page at a time, until nothing is missing; what scrolled away is not drawn."""
        while (pdf := self._pdf) is not None:
            row = next(filter(self._is_missing, self.visible_rows()), None)
            if row is None:
                return
            size = self._pixels(row)
            try:
                image = await pdf.draw(row, size)
            except UnreadablePdfError as error:
                if pdf is self._pdf:
                    self._broken[row] = str(error)
            else:
                if pdf is self._pdf:
                    self._keep((row, size.width()), image)
            self.viewport().update()

    def _is_missing(self, row: int) -> bool:
        return (row, self._pixels(row).width()) not in self._images and row not in self._broken

    def _keep(self, key: tuple[int, int], image: QImage) -> None:
        """Keep a drawing; the ones longest unused go, but none that is in view at this zoom."""
        self._images[key] = image
        used = sum(image.sizeInBytes() for image in self._images.values())
        in_view = {(row, self._pixels(row).width()) for row in self.visible_rows()}
        for old in [old for old in self._images if old not in in_view]:
            if used <= CACHE_BYTES:
                break
            used -= self._images.pop(old).sizeInBytes()

    # Qt's virtual methods

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_across()
        self._follow_page()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif control and event.key() == Qt.Key.Key_Minus:
            self.zoom_out()
        elif control and event.key() == Qt.Key.Key_0:
            self.fit_width()
        elif event.matches(QKeySequence.StandardKey.Copy) and self._mark is not None:
            QGuiApplication.clipboard().setText(self._mark.text)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            delta: QPoint = event.angleDelta()
            if delta.y():
                (self.zoom_in if delta.y() > 0 else self.zoom_out)()
        else:
            super().wheelEvent(event)
