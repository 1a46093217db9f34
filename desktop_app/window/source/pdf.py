"""PDF pages for the Source pane, drawn and read in a thread of their own.

PDFium through ctypes, as the service reads with it: `QPdfDocument.render` keeps Python's interpreter lock, so that
even in a thread it would stop the window for as long as a page takes. PDFium is not thread-safe: everything that
touches it, closing included, goes through the one thread.
"""

import asyncio
import ctypes
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache, partial
from queue import SimpleQueue
from typing import Any, TypeVar

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PySide6.QtCore import QRectF, QSize, QSizeF
from PySide6.QtGui import QImage

from desktop_app.wire.extensions import Box

MAX_PIXELS = 12_000_000
"""A page is drawn with at most so many pixels (48 MB); beyond that the drawing is enlarged."""

DRAW_TIMEOUT_S = 15.0
"""A page that takes longer is given up: those behind it are waiting."""

_DEVICE = 100
"""PDFium's device coordinates are integers: hundredths of a point keep the boxes' precision."""

_WHITE = 0xFFFFFFFF

_T = TypeVar("_T")


class UnreadablePdfError(Exception):
    """`str(error)` says in words why the document can't be shown."""


def _pause_at(deadline: float) -> raw.IFSDK_PAUSE:
    """What PDFium asks, every so many strokes, whether to stop drawing."""
    asked = raw.IFSDK_PAUSE(version=1)
    asked.NeedToPauseNow = type(asked.NeedToPauseNow)(lambda _: time.monotonic() > deadline)
    return asked


class PdfThread:
    """Runs functions one after another in a daemon thread: a page that never ends must not keep the program alive."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        threading.Thread(target=self._work, name="pdf", daemon=True).start()

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        future: Future[_T] = Future()
        self._jobs.put((future, job))
        return future

    async def run(self, job: Callable[[], _T]) -> _T:
        return await asyncio.wrap_future(self.submit(job))

    def _work(self) -> None:
        while True:
            future, job = self._jobs.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)
            del future, job  # a finished job must not keep its document until the next one comes


@cache
def _thread() -> PdfThread:
    return PdfThread()


class Pdf:
    """An open PDF, closed when nobody holds it. Pages count from 0 here; `sizes` are those of the pages as shown,
    in points.
    """

    def __init__(self, document: pdfium.PdfDocument, sizes: Sequence[QSizeF]) -> None:
        self._document = document
        self.sizes = sizes
        self.widest = max((size.width() for size in sizes), default=0.0)
        weakref.finalize(self, _thread().submit, document.close).atexit = False

    @classmethod
    async def open(cls, content: bytes) -> "Pdf":
        """Raises UnreadablePdfError."""
        return await _thread().run(lambda: cls._open(content))

    @classmethod
    def _open(cls, content: bytes) -> "Pdf":
        try:
            document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as error:
            if error.err_code == raw.FPDF_ERR_PASSWORD:
                raise UnreadablePdfError(
                    "This PDF is protected by a password, so its pages can't be shown."
                ) from error
            raise UnreadablePdfError("This PDF is damaged: its pages can't be shown.") from error
        return cls(document, [QSizeF(*document.get_page_size(index)) for index in range(len(document))])

    async def draw(self, page: int, size: QSize) -> QImage:
        """The page in `size` pixels, or as many as may be, on white. Raises UnreadablePdfError."""
        return await _thread().run(lambda: self._draw(page, size))

    async def text_in(self, page: int, boxes: Sequence[Box]) -> str:
        """The words whose characters have their middle in one of the boxes; white space becomes single spaces."""
        areas = [QRectF(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0) for box in boxes]
        return await _thread().run(lambda: self._text_in(page, areas))

    async def column(self, page: int) -> tuple[float, float] | None:
        """The left and right edge, in points, of the text on a page and its neighbours; None without text."""
        around = range(max(page - 1, 0), min(page + 2, len(self.sizes)))
        edges = [each for each in [await _thread().run(partial(self._column, page)) for page in around] if each]
        return (min(left for left, _ in edges), max(right for _, right in edges)) if edges else None

    def _page(self, page: int) -> pdfium.PdfPage:
        try:
            return self._document[page]
        except pdfium.PdfiumError as error:
            raise UnreadablePdfError(f"Page {page + 1} is damaged and can't be shown.") from error

    def _draw(self, page: int, size: QSize) -> QImage:
        too_large = max(size.width() * size.height() / MAX_PIXELS, 1.0)
        width, height = (max(int(edge / too_large**0.5), 1) for edge in (size.width(), size.height()))
        opened = self._page(page)
        try:
            image = QImage(width, height, QImage.Format.Format_RGB32)
            pixels = (ctypes.c_ubyte * image.sizeInBytes()).from_buffer(image.bits())
            bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_BGRx, pixels, image.bytesPerLine())
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
            drawn = raw.FPDF_RenderPageBitmap_Start(
                bitmap, opened, 0, 0, width, height, 0, raw.FPDF_ANNOT, _pause_at(time.monotonic() + DRAW_TIMEOUT_S)
            )
            raw.FPDF_RenderPage_Close(opened)
            raw.FPDFBitmap_Destroy(bitmap)
        finally:
            opened.close()
        if drawn != raw.FPDF_RENDER_DONE:
            raise UnreadablePdfError(f"Page {page + 1} takes too long to draw. Open the original to see it.")
        return image

    def _text_in(self, page: int, areas: Sequence[QRectF]) -> str:
        opened = self._page(page)
        text = opened.get_textpage()
        try:
            found: list[str] = []
            inside = False
            for index in range(text.count_chars()):
                character = chr(raw.FPDFText_GetUnicode(text, index))
                if not character.isspace():
                    x, y = self._middle(opened, text, index, page)
                    inside = any(area.contains(x, y) for area in areas)
                if inside:
                    found.append(character)
                elif found and not found[-1].isspace():
                    found.append(" ")
            return " ".join("".join(found).split())
        finally:
            text.close()
            opened.close()

    def _column(self, page: int) -> tuple[float, float] | None:
        opened = self._page(page)
        text = opened.get_textpage()
        try:
            edges: list[float] = []
            for index in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(index)
                edges += (self._shown(opened, page, x, y)[0] for x, y in ((left, bottom), (right, top)))
            width = self.sizes[page].width()
            return (max(min(edges), 0), min(max(edges), width)) if edges else None
        finally:
            text.close()
            opened.close()

    def _middle(self, opened: pdfium.PdfPage, text: pdfium.PdfTextPage, index: int, page: int) -> tuple[float, float]:
        """The middle of a character on the page as shown, in points from its top left."""
        left, bottom, right, top = text.get_charbox(index, loose=True)
        return self._shown(opened, page, (left + right) / 2, (bottom + top) / 2)

    def _shown(self, opened: pdfium.PdfPage, page: int, x: float, y: float) -> tuple[float, float]:
        """A point in the page's own coordinates on the page as shown, in points from its top left."""
        size = self.sizes[page]
        across, down = ctypes.c_int(), ctypes.c_int()
        width, height = round(size.width() * _DEVICE), round(size.height() * _DEVICE)
        raw.FPDF_PageToDevice(opened, 0, 0, width, height, 0, x, y, across, down)
        return across.value / _DEVICE, down.value / _DEVICE
