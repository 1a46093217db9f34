"""The cited words in files without a layout: the right characters, also after emoji and in very long texts."""

import asyncio
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QToolButton

from desktop_app.window.source.pane import SourcePane
from desktop_app.window.source.text_view import MAX_LINE, TextView, lines, utf16_length
from desktop_app.window.theme import LIGHT
from tests.window.source.library import Library


def view_of(pane: SourcePane) -> TextView:
    view = pane.findChild(TextView)
    assert view is not None
    return view


@pytest.mark.parametrize(("text", "length"), [("", 0), ("abc", 3), ("ä€", 2), ("😀", 2), ("a👩‍🚀b", 7), ("𝒳", 2)])
def test_positions_are_counted_as_qt_counts_them(text: str, length: int) -> None:
    assert utf16_length(text) == length


def test_lines_are_those_of_the_text_and_long_ones_are_broken() -> None:
    text = "one\n\ntwo\n" + "x" * (2 * MAX_LINE + 5) + "\nend"
    assert [line for line, _ in lines(text)][:3] == ["one\n", "\n", "two\n"]
    assert all(len(line) <= MAX_LINE + 1 for line, _ in lines(text))
    position = 0
    for line, end in lines(text):
        assert line in (text[position:end], text[position:end] + "\n")
        position = end
    assert position == len(text)


@pytest.mark.parametrize("start", [0, 10, MAX_LINE - 3, MAX_LINE, 2 * MAX_LINE + 1, 3 * MAX_LINE + 8])
async def test_a_mark_in_a_line_of_many_thousand_characters_is_on_the_right_ones(pane: SourcePane, start: int) -> None:
    text = "😀" + "".join(chr(0x4E00 + number % 20_000) for number in range(4 * MAX_LINE)) + "\nend"
    view = view_of(pane)
    await view.show_text("one-line.txt", text, start, start + 7)
    assert view.marked_text().replace("\n", "") == text[start : start + 7]


async def test_another_mark_in_the_same_text_does_not_fill_the_view_again(pane: SourcePane, library: Library) -> None:
    text = "One sentence. 😀 Two sentences.\n" + "x" * 3 * MAX_LINE + "\nThree sentences."
    (library.folder / "notes.md").write_text(text, encoding="utf-8")
    view = view_of(pane)
    await pane.show_citation(library.cite("notes.md", "One sentence."))
    changes: list[bool] = []
    view.document().contentsChanged.connect(lambda: changes.append(True))
    for quote in ("Two sentences.", "Three sentences.", "One sentence."):
        await pane.show_citation(library.cite("notes.md", quote))
        assert view.marked_text() == quote
    assert not changes


async def test_the_marked_characters_are_the_quoted_ones_after_emoji(pane: SourcePane, library: Library) -> None:
    text = "# Notes 😀👩‍🚀 𝒳\n\nKeep it 🧾 safe. Invoices stay ten years 📎 in the archive. The end."
    (library.folder / "notes.md").write_text(text, encoding="utf-8")
    quote = "Invoices stay ten years 📎 in the archive."
    await pane.show_citation(library.cite("notes.md", quote))
    assert pane.marked_text() == quote
    assert view_of(pane).toPlainText() == text
    assert view_of(pane).accessibleDescription() == f"notes.md, marked: {quote}"


async def test_a_quote_over_several_lines_is_marked_and_in_view(pane: SourcePane, library: Library) -> None:
    text = "\n".join(f"Line {number} of the log 😀" for number in range(3000))
    (library.folder / "day.log").write_text(text, encoding="utf-8")
    quote = "Line 2000 of the log 😀\nLine 2001 of the log"
    await pane.show_citation(library.cite("day.log", quote))
    view = view_of(pane)
    assert pane.marked_text() == quote
    rect = view.cursorRect()
    assert view.viewport().rect().contains(rect)
    image = view.viewport().grab().toImage()
    beside = image.pixelColor(rect.center().x() + 1, rect.top() + 1)
    assert beside == LIGHT.mark


async def test_a_text_of_many_megabytes_does_not_freeze_the_window(pane: SourcePane, library: Library) -> None:
    line = "All records of the year are kept in the archive room of the second floor. 😀\n"
    text = line * 40_000 + "The needle is here." + line * 20_000 + "x" * 1_000_000
    (library.folder / "big.txt").write_text(text, encoding="utf-8")
    citation = library.cite("big.txt", "The needle is here.")
    page = await library.page("big.txt", 1)
    view = view_of(pane)
    shown = [0]

    async def watch() -> None:
        while True:
            await asyncio.sleep(0)
            shown.append(view.document().characterCount())

    watching = asyncio.create_task(watch())
    await view.show_text("big.txt", page.text, citation.start, citation.end)
    watching.cancel()
    assert view.marked_text() == "The needle is here."
    assert len(text) > 5_000_000
    assert max(after - before for before, after in pairwise(shown)) < len(text) / 4, "too much between two turns"


async def test_sheets_are_turned_like_pages(pane: SourcePane, library: Library) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for name, price in (("Bicycles", 1390), ("Parts", 12), ("Service", 80)):
        sheet = book.create_sheet(name)
        sheet.append(["Item", "Price"])
        sheet.append([name[:-1], price])
    del book["Sheet"]
    book.save(library.folder / "prices.xlsx")
    page = await library.page("prices.xlsx", 2)
    quote = page.text.splitlines()[-1]
    await pane.show_citation(library.cite("prices.xlsx", quote, 2))
    assert pane.marked_text() == quote
    assert pane.current_page() == 2
    turn = {button.accessibleName(): button for button in pane.findChildren(QToolButton)}
    turn["Next page"].click()
    await asyncio.sleep(0.1)
    assert pane.current_page() == 3
    assert pane.marked_text() == ""
    assert not turn["Next page"].isEnabled()
    turn["Previous page"].click()
    await asyncio.sleep(0.1)
    assert pane.current_page() == 2
    assert pane.marked_text() == quote
