"""From offsets in a document to page, characters and boxes, over the rows of really ingested files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.documents.ingestion import Ingestion
from desktop_app.documents.location import locate, page_text
from desktop_app.store import documents as rows
from desktop_app.wire.errors import ApiError
from tests.support.made_files import make_pdf, make_xlsx
from tests.unit.documents.conftest import Library

PAGES = [["The rent is 900 euros.", "It is due in May."], None, ["The cat may stay."]]
MakeIngestion = Callable[..., Ingestion]


@pytest.fixture
async def lease(library: Library, make_ingestion: MakeIngestion, tmp_path: Path) -> str:
    file_id = library.add("lease.pdf", make_pdf(tmp_path / "lease.pdf", PAGES).read_bytes())
    await make_ingestion().wait_for_store("vs_1", 20)
    return file_id


def whole_text(library: Library, file_id: str) -> str:
    with library.database.read() as connection:
        text = rows.read_text(connection, file_id)
    assert text is not None
    return text


def test_every_sentence_is_found_where_it_stands(library: Library, lease: str) -> None:
    text = whole_text(library, lease)
    for number, lines in enumerate(PAGES, start=1):
        for sentence in lines or ():
            start = text.index(sentence)
            citation = locate(library.database, lease, start, start + len(sentence))
            page = page_text(library.database, lease, number)
            assert (citation.page, citation.page_label) == (number, f"page {number}")
            assert page.text[citation.start : citation.end] == citation.quote == sentence
            [box] = citation.boxes
            assert box.page == number
            assert 0 < box.x0 < box.x1 < page.width
            assert 0 < box.y0 < box.y1 < page.height


def test_a_passage_over_two_lines_has_two_boxes(library: Library, lease: str) -> None:
    upper, lower = locate(library.database, lease, 0, 40).boxes
    assert upper.y1 <= lower.y0 + 1


def test_a_passage_over_pages_is_cited_on_the_page_that_holds_most_of_it(library: Library, lease: str) -> None:
    text = whole_text(library, lease)
    citation = locate(library.database, lease, text.index("May."), len(text), exact=False)
    assert (citation.quote, citation.page, citation.exact) == ("The cat may stay.", 3, False)


def test_white_space_around_a_place_is_not_quoted(library: Library, lease: str) -> None:
    citation = locate(library.database, lease, 22, 41)
    assert citation.quote == "It is due in May."
    assert citation.start == 23


def test_places_beyond_the_text_give_an_empty_citation(library: Library, lease: str) -> None:
    citation = locate(library.database, lease, 10_000, 10_010)
    assert (citation.quote, citation.boxes) == ("", [])


async def test_a_file_without_pages_has_no_page_number(library: Library, make_ingestion: MakeIngestion) -> None:
    file_id = library.add("a.md", "Ein Maß Öl. 報告 🙂 is here.".encode())
    await make_ingestion().wait_for_store("vs_1", 20)
    citation = locate(library.database, file_id, 12, 24)
    assert (citation.page, citation.page_label, citation.quote) == (None, "", "報告 🙂 is here")
    assert page_text(library.database, file_id, 1).text[citation.start : citation.end] == citation.quote


async def test_a_row_of_a_sheet_is_cited_by_its_sheet(
    library: Library, make_ingestion: MakeIngestion, tmp_path: Path
) -> None:
    sheets = {"Prices": [["Item", "Price"], ["Nail", 3.5]], "Stock": [["Item", "Count"], ["Nail", 70]]}
    file_id = library.add("a.xlsx", make_xlsx(tmp_path / "a.xlsx", sheets).read_bytes())
    await make_ingestion().wait_for_store("vs_1", 20)
    text = whole_text(library, file_id)
    citation = locate(library.database, file_id, text.index("Item: Nail; Count"), len(text))
    assert (citation.page_label, citation.quote) == ("sheet Stock", "Item: Nail; Count: 70")


def test_a_page_without_text_says_so(library: Library, lease: str) -> None:
    page = page_text(library.database, lease, 2)
    assert (page.text, page.has_text, page.page_count, page.label) == ("", False, 3, "page 2")
    assert (page.width, page.height) == (400, 600)
    with library.database.read() as connection:
        assert rows.page_outcomes(connection, [lease]) == {lease: rows.PageOutcome(3, (2,))}


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_page_that_is_not_there_is_a_404(library: Library, lease: str, number: int) -> None:
    with pytest.raises(ApiError, match="3 pages") as caught:
        page_text(library.database, lease, number)
    assert caught.value.status == 404


def test_a_file_that_is_not_there_is_a_404(library: Library) -> None:
    with pytest.raises(ApiError) as caught:
        locate(library.database, "file-none", 0, 1)
    assert caught.value.status == 404
    with pytest.raises(ApiError):
        page_text(library.database, "file-none", 1)
