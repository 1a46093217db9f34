"""Text and boxes of real PDF pages: rendered, so that the boxes are checked against the ink."""

from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from desktop_app.documents import layout
from desktop_app.documents.parsing.pages import ParsedPage
from desktop_app.documents.parsing.pdf import open_pdf, read_pages
from tests.support.made_files import make_pdf, make_raw_pdf, turn_pdf

SCALE = 4  # pixels per point
CROP = (30, 200, 380, 580)


def read(path: Path) -> list[ParsedPage]:
    return list(read_pages(open_pdf(path)))


def ink(path: Path, page: int = 0) -> NDArray[np.bool_]:
    """Dark pixels of the page as shown."""
    document = pdfium.PdfDocument(path)
    pixels = document[page].render(scale=SCALE).to_numpy()[:, :, 0] < 128
    document.close()
    return pixels


def pixels_in(picture: NDArray[np.bool_], x0: float, y0: float, x1: float, y1: float) -> NDArray[np.bool_]:
    return picture[int(y0 * SCALE) : int(y1 * SCALE) + 1, int(x0 * SCALE) : int(x1 * SCALE) + 1]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, CROP])
def test_each_word_has_its_ink_in_its_box(
    tmp_path: Path, rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    path = turn_pdf(make_pdf(tmp_path / "a.pdf", [["some words ace", "Next line gap"]]), rotation, crop)
    [page] = read(path)
    picture = ink(path)
    assert abs(picture.shape[1] - page.width * SCALE) <= 1
    assert abs(picture.shape[0] - page.height * SCALE) <= 1
    words = layout.unpack(page.words)
    assert {page.text[start:end] for start, end, *_ in words} == {"some", "words", "ace", "Next", "line", "gap"}
    total = picture.sum()
    for _, _, *box in words:
        inside = pixels_in(picture, *(edge / layout.UNITS for edge in box))
        assert inside.mean() > 0.1, "a word's box is full of its letters"
        inside[:] = False
    assert picture.sum() < 0.01 * total, "no ink is outside of the boxes"


def test_text_turned_on_the_page_reads_in_order_on_a_turned_page(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(400, 600))
    for index, line in enumerate(["First line of a landscape page", "second line of it"]):
        canvas.saveState()
        canvas.translate(60 + index * 16, 50)
        canvas.rotate(90)
        canvas.drawString(0, 0, line)
        canvas.restoreState()
    canvas.save()
    [page] = read(turn_pdf(tmp_path / "a.pdf", 90))
    assert page.text == "First line of a landscape page\nsecond line of it"
    assert (page.width, page.height) == (600, 400)
    first, second = layout.boxes(page.words, 1, 0, len(page.text))
    assert first.y1 <= second.y1
    assert first.x1 - first.x0 > 5 * (first.y1 - first.y0)


def test_words_outside_of_the_crop_have_no_box(tmp_path: Path) -> None:
    path = turn_pdf(make_pdf(tmp_path / "a.pdf", [["Shown here", *[""] * 25, "cut away"]]), 0, CROP)
    [page] = read(path)
    boxed = {page.text[start:end] for start, end, *_ in layout.unpack(page.words)}
    assert boxed == {"Shown", "here"}


def test_a_blank_page_is_told_from_one_that_shows_something_without_text(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for draw in (
        lambda: None,
        lambda: canvas.drawString(50, 500, " "),
        lambda: canvas.rect(0, 0, 595, 842, fill=1, stroke=0),
        lambda: canvas.line(10, 10, 300, 300.5),
        lambda: canvas.drawInlineImage(Image.new("L", (20, 30), 128), 0, 0, 400, 600),
        lambda: canvas.drawString(50, 500, "words"),
    ):
        canvas.setFillColorRGB(1, 1, 1)
        draw()
        canvas.showPage()
    canvas.save()
    pages = read(tmp_path / "a.pdf")
    assert [bool(page.text) for page in pages] == [False] * 5 + [True]
    assert [page.blank for page in pages] == [True, True, True, False, False, False]


def test_hyphens_at_line_ends_are_joined_and_both_halves_have_a_box(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["The agree-", "ment of Smith-", "Jones about COVID-", "19 ends."]])
    [page] = read(path)
    assert page.text == "The agreement of Smith-Jones about COVID-19 ends."
    start = page.text.index("agreement")
    upper, lower = layout.boxes(page.words, 1, start, start + len("agreement"))
    assert upper.y1 < lower.y1
    assert lower.x0 < upper.x0


def test_soft_hyphens_are_dropped(tmp_path: Path) -> None:
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))  # it comes with reportlab
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(400, 600))
    canvas.setFont("Vera", 12)
    canvas.drawString(50, 500, "an agree\xadment, a state\xad")
    canvas.drawString(50, 484, "ment")
    canvas.save()
    [page] = read(tmp_path / "a.pdf")
    assert page.text == "an agreement, a statement"


def test_ligatures_become_letters(tmp_path: Path) -> None:
    font = "/Encoding<</Type/Encoding/Differences[88/ffi/ff/fi]>>"  # X is ffi, Y is ff, Z is fi
    [page] = read(make_raw_pdf(tmp_path / "a.pdf", "an eXcient oYer Zts", font))
    assert page.text == "an efficient offer fits"
    words = layout.unpack(page.words)
    assert [page.text[start:end] for start, end, *_ in words] == ["an", "efficient", "offer", "fits"]


def test_paragraphs_are_parted_and_lines_are_not(tmp_path: Path) -> None:
    lines = ["Heading", "", "A sentence that goes", "on in the next line", "and ends here.", "", "A second paragraph."]
    [page] = read(make_pdf(tmp_path / "a.pdf", [lines]))
    assert page.text == "Heading\n\nA sentence that goes\non in the next line\nand ends here.\n\nA second paragraph."


def test_a_footnote_mark_at_the_end_of_a_line_parts_nothing(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(400, 600))
    text = canvas.beginText(50, 500)
    text.setFont("Helvetica", 12, leading=15)
    for line in ("The rent is due", "on the third working day", "of the month"):
        text.textOut(line)
        text.setFont("Helvetica", 6, leading=15)
        text.setRise(5)
        text.textOut("1")
        text.setRise(0)
        text.setFont("Helvetica", 12, leading=15)
        text.textLine("")
    canvas.drawText(text)
    canvas.save()
    [page] = read(tmp_path / "a.pdf")
    assert page.text.count("\n") == 2
    assert "\n\n" not in page.text


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["Normal"]
    document = BaseDocTemplate(str(tmp_path / "a.pdf"), pagesize=(500, 300))
    document.addPageTemplates(PageTemplate(frames=[Frame(20, 20, 220, 260), Frame(260, 20, 220, 260)]))
    document.build(
        [Paragraph(f"Sentence {number} fills a line of its column, or nearly so.", style) for number in range(16)]
    )
    [page] = read(tmp_path / "a.pdf")
    numbers = [int(word) for word in page.text.split() if word.isdigit()]
    assert numbers == sorted(numbers) == list(range(16))


def test_offsets_of_words_are_those_of_the_text(tmp_path: Path) -> None:
    [page] = read(make_pdf(tmp_path / "a.pdf", [["one  two", "", "three, four"]]))
    words = layout.unpack(page.words)
    assert [page.text[start:end] for start, end, *_ in words] == ["one", "two", "three,", "four"]
    assert "\r" not in page.text
