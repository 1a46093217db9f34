"""PDF through PDFium: text in reading order, and the box of each word on the page as shown."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from desktop_app.documents.layout import UNITS, pack
from desktop_app.documents.parsing.pages import ParsedPage, UnreadableFileError, clean

_JOINED_HYPHEN = "\x02"  # PDFium's sign for a hyphen that it joined with the next line
_SOFT_HYPHEN = "\xad"
_NO_SPACES_FROM = "\u2e80"
"""From here on scripts write without spaces (Chinese, Japanese): each sign is a word with a box of its own."""

_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_PARAGRAPH_GAP = 0.35
"""An empty space between lines that exceeds the page's usual one by this many line heights parts paragraphs."""
_LOOK_SCALE, _LOOK_PIXELS = 0.5, 500
"""Pixels per point, and the most in one direction, of the picture that tells a blank page."""
_HEADING = 1.2
"""Lines whose heights differ by this factor belong to different paragraphs."""

_Rect = tuple[float, float, float, float]


def open_pdf(path: Path) -> pdfium.PdfDocument:
    """Raises UnreadableFileError with the reason in words."""
    # A PDF without pages is refused with whatever error PDFium had last. A name that can't exist sets that to
    # "no such file", which no other refusal of an existing file has.
    raw.FPDF_LoadDocument(b"", None)
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise UnreadableFileError(
                "This PDF is protected by a password. Save a copy without the password and add that."
            ) from error
        if error.err_code == raw.FPDF_ERR_FILE:
            raise UnreadableFileError("This PDF has no pages.") from error
        with path.open("rb") as file:
            is_pdf = b"%PDF-" in file.read(1024)
        raise UnreadableFileError(
            "This PDF is damaged or cut off: its pages can't be found. Get the file again and add it."
            if is_pdf
            else "This is not a PDF: its name ends in .pdf, but its content is something else."
        ) from error


def read_pages(document: pdfium.PdfDocument) -> Iterator[ParsedPage]:
    """The pages one by one; a page that can't be read is empty, as one without text is."""
    with closing(document):
        for index in range(len(document)):
            label = f"page {index + 1}"
            try:
                page = document[index]
            except pdfium.PdfiumError:
                yield ParsedPage(index + 1, label, "")
                continue
            with closing(page):
                width, height = page.get_size()
                text, words = _read_text(page)
                blank = not text and _is_blank(page)
            yield ParsedPage(index + 1, label, text, width, height, words, blank)


def _is_blank(page: pdfium.PdfPage) -> bool:
    """Whether nothing is to be seen on a page without text: a small picture of it is drawn, unless it has one."""
    kinds = {each.type for each in page.get_objects(max_depth=1)}
    if not kinds <= {raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH}:
        return False
    scale = min(_LOOK_SCALE, _LOOK_PIXELS / max(page.get_size()))
    return not kinds or bool(np.ptp(page.render(scale=scale, grayscale=True).to_numpy()) == 0)


@dataclass(slots=True)
class _Word:
    """A run of characters on one line. `gap` is what stands before it: nothing, a space, or a line's end."""

    text: str
    gap: str
    box: _Rect


@dataclass(slots=True)
class _Line:
    """Words up to a line's end, where they are from top to bottom, and how high the highest is."""

    words: list[_Word]
    top: float
    bottom: float
    height: float


def _read_text(page: pdfium.PdfPage) -> tuple[str, bytes | None]:
    """The page's text, and its words' boxes packed."""
    with closing(page.get_textpage()) as textpage:
        words = list(_words(textpage, _view(page)))
    lines = _lines(words)
    usual_gap = _usual_gap(lines)
    parts: list[str] = []
    rows: list[tuple[int, ...]] = []
    length = 0
    width, height = page.get_size()
    for above, line in zip([None, *lines], lines, strict=False):
        line_end = "\n\n" if above is not None and _parts_paragraphs(above, line, usual_gap) else "\n"
        for word in line.words:
            gap = line_end if word.gap == "\n" else word.gap
            gap = gap if parts else ""
            parts += gap, word.text
            start = length + len(gap)
            length = start + len(word.text)
            x0, y0, x1, y1 = word.box
            box = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
            if box[0] < box[2] and box[1] < box[3]:  # what lies outside of the page as shown can't be marked
                rows.append((start, length, *(round(edge * UNITS) for edge in box)))
    return "".join(parts), pack(np.array(rows, dtype=np.int32).reshape(-1, 6))


def _words(textpage: pdfium.PdfTextPage, view: Callable[[_Rect], _Rect]) -> Iterator[_Word]:
    """PDFium's characters as words.

    Hyphens at line ends that PDFium joined and soft hyphens are dropped: the two halves become words
    without a gap, each with its own box.
    """
    codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(textpage.count_chars())]
    characters = [chr(code) if code < 0x110000 else "" for code in codes]
    run: list[str] = []
    gap, first, last = "", 0, 0

    def word() -> _Word:
        left, right = _loose_box(textpage, first), _loose_box(textpage, last)
        lefts, bottoms, rights, tops = zip(left, right, strict=True)
        text = "".join(run)
        run.clear()
        return _Word(text, gap, view((min(lefts), min(bottoms), max(rights), max(tops))))

    for index, character in enumerate(characters):
        if character == _JOINED_HYPHEN and not _inside_word(characters, index):
            character = "-"
        breaks = character.isspace() or character in (_JOINED_HYPHEN, _SOFT_HYPHEN)
        if run and (breaks or character >= _NO_SPACES_FROM or run[-1] >= _NO_SPACES_FROM):
            yield word()
            gap = ""
        if character in ("\n", "\r"):
            gap = "\n"
        elif breaks:
            gap = gap or (" " if character.isspace() else "")
        elif printable := clean(_LIGATURES.get(character, character)):
            if not run:
                first = index
            last = index
            run.append(printable)
    if run:
        yield word()


def _inside_word(characters: list[str], index: int) -> bool:
    """Whether the hyphen at `index` parted one word: "hyphen-ated", but not "COVID-19" or "Smith-Jones"."""
    before, after = characters[index - 1 : index], characters[index + 1 : index + 2]
    return bool(before and after and before[0].islower() and after[0].islower())


def _loose_box(textpage: pdfium.PdfTextPage, index: int) -> _Rect:
    """Left, bottom, right, top in the page's own coordinates, as high as the font: even for a line of "ace"."""
    box: _Rect = textpage.get_charbox(index, loose=True)
    return box


def _view(page: pdfium.PdfPage) -> Callable[[_Rect], _Rect]:
    """From a box in the page's own coordinates to left, top, right, bottom on the page as shown."""
    left, bottom, right, top = page.get_bbox()
    turns: dict[int, Callable[[_Rect], _Rect]] = {
        0: lambda box: (box[0] - left, top - box[3], box[2] - left, top - box[1]),
        90: lambda box: (box[1] - bottom, box[0] - left, box[3] - bottom, box[2] - left),
        180: lambda box: (right - box[2], box[1] - bottom, right - box[0], box[3] - bottom),
        270: lambda box: (top - box[3], right - box[2], top - box[1], right - box[0]),
    }
    return turns[page.get_rotation()]


def _lines(words: Sequence[_Word]) -> list[_Line]:
    lines: list[_Line] = []
    for word in words:
        if not lines or word.gap == "\n":
            lines.append(_Line([], word.box[1], word.box[3], 0.0))
        line = lines[-1]
        line.words.append(word)
        line.top, line.bottom = min(line.top, word.box[1]), max(line.bottom, word.box[3])
        line.height = max(line.height, word.box[3] - word.box[1])
    return lines


def _usual_gap(lines: Sequence[_Line]) -> float:
    """The middle one of the empty spaces between lines, in points; 0 without any."""
    return max(median(below.top - above.bottom for above, below in pairwise(lines)), 0.0) if len(lines) > 1 else 0.0


def _parts_paragraphs(above: _Line, below: _Line, usual_gap: float) -> bool:
    lower, higher = sorted((above.height, below.height))
    return higher > _HEADING * lower or below.top - above.bottom > usual_gap + _PARAGRAPH_GAP * lower
