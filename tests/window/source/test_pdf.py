"""The cited words on the pages of a PDF: which are marked, where, and who draws them."""

import threading
from pathlib import Path

import pypdfium2.raw as raw
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from reportlab.pdfgen.canvas import Canvas

from desktop_app.window.source.page_view import CACHE_BYTES, PageView
from desktop_app.window.source.pane import SourcePane
from desktop_app.window.theme import DARK, LIGHT, Theme
from tests.support.made_files import turn_pdf
from tests.window.conftest import until
from tests.window.source.conftest import RETENTION, SENTENCE, write_pdf
from tests.window.source.library import Library


async def drawn(pane: SourcePane) -> QImage:
    """The page view's picture, once no page in it is still to be drawn."""
    view = pane.findChild(PageView)
    assert view is not None
    view.viewport().grab()
    await until(lambda: not any(map(view._is_missing, view.visible_rows())))
    image = view.viewport().grab().toImage()
    assert isinstance(image, QImage)
    return image


def view_of(pane: SourcePane) -> PageView:
    view = pane.findChild(PageView)
    assert view is not None
    return view


def share_of(colour: QColor, image: QImage) -> float:
    """Which part of the pixels is `colour`, up to rounding."""
    count = 0
    for x in range(image.width()):
        for y in range(image.height()):
            there = image.pixelColor(x, y)
            count += all(abs(a - b) <= 2 for a, b in zip(there.getRgb(), colour.getRgb(), strict=True))  # type: ignore[arg-type]
    return count / max(image.width() * image.height(), 1)


@pytest.mark.parametrize(
    ("rotation", "cropped"), [(0, False), (90, False), (180, False), (270, False), (0, True), (90, True)], ids=str
)
async def test_the_marked_characters_are_the_quoted_ones_on_turned_and_cropped_pages_too(
    pane: SourcePane, library: Library, rotation: int, cropped: bool
) -> None:
    write_pdf(library.folder / "turned.pdf")
    turn_pdf(library.folder / "turned.pdf", rotation, (30, 300, 400, 560) if cropped else None)
    await pane.show_citation(library.cite("turned.pdf", "Contracts are kept", 2))
    assert pane.marked_text() == "Contracts are kept"
    assert pane.current_page() == 2


async def test_a_quote_over_several_lines_is_marked_whole(pane: SourcePane, library: Library) -> None:
    quote = RETENTION[RETENTION.index("The retention period") : RETENTION.index(" Drafts")]
    assert len(library.cite("records.pdf", quote, 2).boxes) > 2
    await pane.show_citation(library.cite("records.pdf", quote, 2))
    assert pane.marked_text() == quote


@pytest.mark.parametrize("rotation", [0, 90])
async def test_the_boxes_are_painted_over_the_words_in_the_mark_colour(
    pane: SourcePane, library: Library, rotation: int
) -> None:
    write_pdf(library.folder / "turned.pdf")
    turn_pdf(library.folder / "turned.pdf", rotation)
    citation = library.cite("turned.pdf", "Contracts are kept", 2)
    await pane.show_citation(citation)
    image = await drawn(pane)
    view = view_of(pane)
    assert len(citation.boxes) >= 1
    for box in citation.boxes:
        rect = view.box_rect(box).toRect()
        assert view.viewport().rect().contains(rect)
        marked = image.copy(rect.adjusted(1, 1, -1, -1))
        assert share_of(LIGHT.mark, marked) > 0.15
        assert share_of(QColor("white"), marked) == 0
        darkest = min(
            marked.pixelColor(x, y).lightness() for x in range(marked.width()) for y in range(marked.height())
        )
        assert darkest < 90, "the words are under the mark"
    painter = QPainter(image)
    for box in citation.boxes:
        painter.fillRect(view.box_rect(box).toAlignedRect(), QColor("black"))
    painter.end()
    assert share_of(LIGHT.mark, image) == 0, "nothing else is marked"


async def test_a_whole_passage_gets_an_outline_instead(pane: SourcePane, library: Library) -> None:
    citation = library.cite("records.pdf", "Contracts are kept", 2, exact=False)
    await pane.show_citation(citation)
    image = await drawn(pane)
    rect = view_of(pane).box_rect(citation.boxes[0]).toRect()
    assert share_of(LIGHT.mark, image.copy(rect)) < 0.05
    assert share_of(QColor("white"), image.copy(rect)) > 0.3
    outline = image.pixelColor(QPoint(rect.left() - 2, rect.center().y()))
    assert outline.blue() < 120 < outline.red()


async def test_paper_stays_white_and_its_mark_visible_in_the_dark_theme(pane: SourcePane, library: Library) -> None:
    Theme.current().use(DARK)
    try:
        citation = library.cite("records.pdf", "Contracts are kept", 2)
        await pane.show_citation(citation)
        image = await drawn(pane)
    finally:
        Theme.current().use(LIGHT)
    assert share_of(QColor("white"), image) > 0.5
    assert share_of(LIGHT.mark, image.copy(view_of(pane).box_rect(citation.boxes[0]).toRect())) > 0.3


async def test_pages_are_never_drawn_in_the_windows_thread(
    pane: SourcePane, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing: set[int] = set()
    render = raw.FPDF_RenderPageBitmap_Start

    def recording(*args: object) -> object:
        drawing.add(threading.get_ident())
        return render(*args)

    monkeypatch.setattr(raw, "FPDF_RenderPageBitmap_Start", recording)
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    await drawn(pane)
    view_of(pane).zoom_in()
    await drawn(pane)
    assert drawing
    assert threading.get_ident() not in drawing


async def test_a_page_that_takes_too_long_is_given_up_and_says_so(
    pane: SourcePane, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = Canvas(str(library.folder / "map.pdf"), pagesize=(420, 594))
    for number in range(30_000):
        canvas.line(number % 400, 0, 400 - number % 397, 594)
    canvas.save()
    monkeypatch.setattr("desktop_app.window.source.pdf.DRAW_TIMEOUT_S", 0.01)
    await pane.show_document("map.pdf", "map.pdf")
    await drawn(pane)
    assert list(view_of(pane)._broken.values()) == ["Page 1 takes too long to draw. Open the original to see it."]
    monkeypatch.undo()
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    await drawn(pane)
    assert not view_of(pane)._broken


async def test_the_marked_words_are_copied(pane: SourcePane, library: Library) -> None:
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    QTest.keyClick(view_of(pane), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Contracts are kept"


async def test_zooming_draws_the_page_again_and_keeps_the_mark_on_its_words(
    pane: SourcePane, library: Library
) -> None:
    citation = library.cite("records.pdf", "Contracts are kept", 2)
    await pane.show_citation(citation)
    view = view_of(pane)
    before = view.box_rect(citation.boxes[0])
    for _ in range(3):
        view.zoom_in()
    image = await drawn(pane)
    assert view.box_rect(citation.boxes[0]).width() == pytest.approx(before.width() * 1.25**3, rel=0.02)
    assert not view._is_missing(1)
    rect = view.box_rect(citation.boxes[0]).toRect().intersected(view.viewport().rect())
    assert share_of(LIGHT.mark, image.copy(rect)) > 0.3
    view.fit_width()
    await drawn(pane)
    assert view.box_rect(citation.boxes[0]).width() == pytest.approx(before.width(), abs=1)


async def test_in_a_narrow_pane_the_text_is_fitted_and_not_the_empty_margins(
    pane: SourcePane, library: Library
) -> None:
    for width, fits_page in ((300, False), (900, True)):
        pane.resize(width, 600)
        whole_line = library.cite(
            "records.pdf", "4.2 Retention. Records are kept in the original form. The retention", 2
        )
        await pane.show_citation(whole_line)
        view = view_of(pane)
        rect = view.box_rect(whole_line.boxes[0])
        assert 0 <= rect.left() < rect.right() <= view.viewport().width()
        assert (view.horizontalScrollBar().maximum() == 0) is fits_page
        assert (view.scale * 420 <= view.viewport().width()) is fits_page


async def test_all_pages_can_be_scrolled_to_and_the_header_follows(pane: SourcePane, library: Library) -> None:
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    view = view_of(pane)
    assert view.accessibleDescription() == "records.pdf, page 2 of 12, marked: Contracts are kept"
    view.scroll_to_bottom()
    assert pane.current_page() == 12
    assert view.accessibleDescription() == "records.pdf, page 12 of 12"
    await drawn(pane)
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    assert pane.current_page() == 2


async def test_drawings_are_forgotten_when_they_need_too_much_memory(pane: SourcePane, library: Library) -> None:
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    view = view_of(pane)
    for _ in range(8):
        view.zoom_in()
    for row in range(12):
        view.scroll_to_row(row)
        await drawn(pane)
    assert sum(image.sizeInBytes() for image in view._images.values()) <= CACHE_BYTES


async def test_the_file_is_fetched_once_for_several_citations(pane: SourcePane, library: Library) -> None:
    for quote in ("Contracts are kept", "Drafts may be", "invoices is ten"):
        await pane.show_citation(library.cite("records.pdf", quote, 2))
        assert pane.marked_text() == quote
    assert library.fetched == ["records.pdf"]


async def test_the_newest_citation_wins_when_two_are_asked_for(pane: SourcePane, library: Library) -> None:
    import asyncio

    write_pdf(library.folder / "other.pdf", pages=2)
    await asyncio.gather(
        pane.show_citation(library.cite("other.pdf", "Contracts are kept", 2)),
        pane.show_citation(library.cite("records.pdf", SENTENCE.split(" for")[0], 2)),
    )
    assert view_of(pane).accessibleDescription().startswith("records.pdf")


async def test_the_words_of_the_page_above_are_not_marked(pane: SourcePane, library: Library, tmp_path: Path) -> None:
    first = " ".join(RETENTION.split()[:2])
    await pane.show_citation(library.cite("records.pdf", first, 2))
    assert pane.marked_text() == first
