"""What text comes out of real files of each kind, read in a real worker process."""

from collections.abc import Iterator
from pathlib import Path

import docx
import docx.shared
import pytest
from docx.oxml import OxmlElement

from desktop_app.documents.parsing.process import ParserWorker
from tests.support.made_files import make_docx, make_epub, make_pdf, make_pptx, make_xlsx


@pytest.fixture(scope="module")
def worker() -> Iterator[ParserWorker]:
    worker = ParserWorker(timeout_s=60, memory_mb=1500)
    yield worker
    worker.close()


def read(worker: ParserWorker, path: Path, name: str | None = None) -> list[tuple[int, str, str]]:
    return [(page.number, page.label, page.text) for page in worker.parse(path, name or path.name)]


def test_pdf_pages_keep_their_order_and_number(worker: ParserWorker, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "three.pdf", [["First page."], [], ["Third page."]])
    assert read(worker, path) == [
        (1, "page 1", "First page."),
        (2, "page 2", ""),
        (3, "page 3", "Third page."),
    ]


def test_word_paragraphs_and_tables_are_read(worker: ParserWorker, tmp_path: Path) -> None:
    path = make_docx(tmp_path / "a.docx", ["Rental agreement", "Rent is due."], [["Item", "Rent"], ["Flat", "900"]])
    [(number, label, text)] = read(worker, path)
    assert (number, label) == (1, "")
    assert text.startswith("Rental agreement\n\nRent is due.\n\n")
    assert text.splitlines()[-1] == "Item: Flat; Rent: 900"


def test_words_that_a_word_file_parts_stay_apart(worker: ParserWorker, tmp_path: Path) -> None:
    """Tabs, line breaks and non-breaking hyphens count; deleted text and formatting do not."""
    document = docx.Document()
    document.add_paragraph("Name:\tJohn\nsecond line").paragraph_format.tab_stops.add_tab_stop(docx.shared.Cm(3))
    paragraph = document.add_paragraph("mother")
    paragraph.add_run()._r.append(OxmlElement("w:noBreakHyphen"))
    paragraph.add_run("in").bold = True
    paragraph.add_run("-law")
    deleted = OxmlElement("w:del")
    deleted.append(document.add_paragraph("gone").runs[0]._r)
    paragraph._p.append(deleted)
    table = document.add_table(2, 3)
    for cell, text in zip(table.rows[0].cells, ("Item", "Size", "Price"), strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(1, 1)).text = "Nail"
    table.cell(1, 2).text = "3.50"
    document.save(str(tmp_path / "a.docx"))
    assert read(worker, tmp_path / "a.docx") == [
        (1, "", "Name:\tJohn\nsecond line\n\nmother-in-law\n\nItem; Size; Price\nItem: Nail; Price: 3.50")
    ]


def test_slides_are_pages(worker: ParserWorker, tmp_path: Path) -> None:
    path = make_pptx(tmp_path / "a.pptx", [("Plan", "We start in May."), ("Costs", "Ten euros.")])
    assert read(worker, path) == [
        (1, "slide 1", "Plan\n\nWe start in May."),
        (2, "slide 2", "Costs\n\nTen euros."),
    ]


def test_sheets_are_pages_and_each_row_names_its_columns(worker: ParserWorker, tmp_path: Path) -> None:
    sheets = {"Prices": [["Item", "Price"], ["Nail", 3.5], ["Screw", None]], "Raw": [[1, 2], [3, 4]]}
    assert read(worker, make_xlsx(tmp_path / "a.xlsx", sheets)) == [
        (1, "sheet Prices", "Item; Price\nItem: Nail; Price: 3.5\nItem: Screw"),
        (2, "sheet Raw", "1; 2\n3; 4"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_each_csv_row_is_a_line_that_names_its_columns(worker: ParserWorker, tmp_path: Path, separator: str) -> None:
    path = tmp_path / "prices.csv"
    lines = [("Item", "Price"), ("Nail", "3.50"), ('"Two\nlines"', "4")]
    path.write_text("\n".join(separator.join(line) for line in lines))
    assert read(worker, path) == [(1, "", "Item; Price\nItem: Nail; Price: 3.50\nItem: Two lines; Price: 4")]


def test_a_title_above_a_table_is_no_header(worker: ParserWorker, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Price list 2024,\n,\nItem,Price\nNail,3.50\n")
    assert read(worker, tmp_path / "a.csv") == [(1, "", "Price list 2024\nItem; Price\nItem: Nail; Price: 3.50")]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (
            [["Price list", None, 2024], [], ["Item", "Price", "Stock"], ["Nail", 3.5, 1]],
            ["Price list; 2024", "Item; Price; Stock", "Item: Nail; Price: 3.5; Stock: 1"],
        ),
        (
            [["Company", "Acme"], ["Author", "Ann"], [], ["Item", "Price", "Stock"], ["Nail", 3.5, 1]],
            ["Company; Acme", "Author; Ann", "Item; Price; Stock", "Item: Nail; Price: 3.5; Stock: 1"],
        ),
        (
            [["Sales"], ["in euros"], [], [None, "North", "South"], ["May", 1, 2]],
            ["Sales", "in euros", "North; South", "May; North: 1; South: 2"],
        ),
        ([["Item", "Price"], [], ["Nail", "few"]], ["Item; Price", "Item: Nail; Price: few"]),
        (
            [["Name", "City"], ["Ann", "Oulu"], [], ["Bob", "Rome"]],
            ["Name; City", "Name: Ann; City: Oulu", "Name: Bob; City: Rome"],
        ),
    ],
)
def test_the_header_of_a_sheet_may_stand_below_titles(
    worker: ParserWorker, tmp_path: Path, rows: list[list[object]], lines: list[str]
) -> None:
    assert read(worker, make_xlsx(tmp_path / "a.xlsx", {"One": rows})) == [(1, "sheet One", "\n".join(lines))]


def test_mail_and_rich_text_are_read(worker: ParserWorker, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text("From: Ann <a@x.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nSee you in May.\n")
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi Hello \b bold\b0  caf\'e9.\par Second.}")
    [(_, _, mail)] = read(worker, tmp_path / "a.eml")
    assert "Subject: Grüße" in mail
    assert "See you in May." in mail
    assert read(worker, tmp_path / "a.rtf") == [(1, "", "Hello bold café.\n\nSecond.")]


def test_html_keeps_all_text_and_drops_scripts_and_addresses(worker: ParserWorker, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>Shop</title><style>p{}</style><script>alert('no')</script></head>"
        "<body><h1>Nails &amp; more</h1>"
        "<p>See <a href='http://example.org/x'>the list</a> for <b>bold</b> offers.</p>"
        "<div>In a div<br>next line</div>"
        "bare text<table><tr><th>Item</th><th>Price</th></tr><tr><td>Nail<td>3.50</table>"
        "<ul><li>one<li>two</ul><pre>if x:\n    y()</pre>last"
    )
    [(_, _, text)] = read(worker, path)
    assert text == (
        "Nails & more\n\nSee the list for bold offers.\n\nIn a div\nnext line\nbare text\n\nItem; Price\n"
        "Item: Nail; Price: 3.50\n\none\ntwo\n\nif x:\n    y()\n\nlast"
    )


def test_html_in_another_charset_is_decoded_as_it_says(worker: ParserWorker, tmp_path: Path) -> None:
    path = tmp_path / "old.html"
    path.write_bytes("<meta charset='windows-1251'><p>Привет, мир</p>".encode("cp1251"))
    assert read(worker, path) == [(1, "", "Привет, мир")]


def test_epub_chapters_come_in_the_order_of_the_spine(worker: ParserWorker, tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", ["<h1>One</h1><div>Start<br>here</div>", "<h1>Two</h1><p>End.</p>"])
    assert read(worker, path) == [(1, "", "One\n\nStart\nhere\n\nTwo\n\nEnd.")]


@pytest.mark.parametrize(
    "name", ["notes.md", "main.py", "paper.tex", "data.json", "Makefile", "run.log", "Brief von Müller – 報告.txt"]
)
def test_anything_that_is_text_is_read_as_it_is(worker: ParserWorker, tmp_path: Path, name: str) -> None:
    text = "# Größe\n\n    x = {'a': 1}\t\\begin{x}\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(worker, tmp_path / name) == [(1, "", text)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_decoded(worker: ParserWorker, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("Häuser “groß”\r\nzwei\rdrei".encode(encoding))
    assert read(worker, tmp_path / "a.txt") == [(1, "", "Häuser “groß”\nzwei\ndrei")]


def test_a_blob_without_an_ending_is_read_by_the_name_its_owner_gave(worker: ParserWorker, tmp_path: Path) -> None:
    blob = make_pdf(tmp_path / "cdef0123", [["Text."]])
    assert read(worker, blob, "Bericht Größe 2024 報告.PDF") == [(1, "page 1", "Text.")]
