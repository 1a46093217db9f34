"""The pane around the document: bad files, the buttons, and the copies for other programs."""

import asyncio
import stat
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QToolButton

from desktop_app.window.source.pane import EMPTY, SourcePane
from desktop_app.wire.extensions import Citation
from tests.window.conftest import until
from tests.window.source.conftest import write_pdf
from tests.window.source.library import Library


def said(pane: SourcePane) -> str:
    """The sentence that stands in the pane instead of a document."""
    return next((label.text() for label in pane.findChildren(QLabel) if label.isVisible() and label.wordWrap()), "")


def button(pane: SourcePane, name: str) -> QToolButton:
    return next(each for each in pane.findChildren(QToolButton) if each.accessibleName() == name)


def test_the_empty_pane_says_what_it_is_for(pane: SourcePane) -> None:
    assert said(pane) == EMPTY
    assert pane.accessibleName() == "Source"
    assert pane.current_page() is None
    assert pane.marked_text() == ""


async def test_a_file_deleted_meanwhile_is_said_in_words(pane: SourcePane, library: Library) -> None:
    citation = library.cite("records.pdf", "Contracts are kept", 2)
    (library.folder / "records.pdf").unlink()
    await pane.show_citation(citation)
    assert said(pane).startswith("“records.pdf” is not there any more")
    assert pane.marked_text() == ""
    (library.folder / "notes.md").write_text("Some notes.")
    notes = library.cite("notes.md", "Some notes.")
    (library.folder / "notes.md").unlink()
    await pane.show_citation(notes)
    assert said(pane).startswith("“notes.md” is not there any more")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged"),
        (b"%PDF-1.7\n1 0 obj\n<<", "damaged"),
        (b"This is no PDF at all.", "damaged"),
        (b"\x00" * 5000, "damaged"),
    ],
)
async def test_a_damaged_pdf_is_said_in_words(pane: SourcePane, library: Library, content: bytes, reason: str) -> None:
    (library.folder / "bad.pdf").write_bytes(content)
    await pane.show_document("bad.pdf", "bad.pdf")
    assert reason in said(pane)
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    assert said(pane) == ""
    assert pane.marked_text() == "Contracts are kept"


async def test_a_cut_off_pdf_shows_what_is_left_or_says_why_not(pane: SourcePane, library: Library) -> None:
    whole = (library.folder / "records.pdf").read_bytes()
    for part in (0.3, 0.6, 0.95):
        (library.folder / f"cut{part}.pdf").write_bytes(whole[: int(len(whole) * part)])
        await pane.show_document(f"cut{part}.pdf", f"cut{part}.pdf")
        assert said(pane) or pane.current_page() == 1


async def test_a_page_that_the_document_has_not_is_said_in_words(pane: SourcePane, library: Library) -> None:
    citation = library.cite("records.pdf", "Contracts are kept", 2)
    await pane.show_citation(citation.model_copy(update={"page": 40}))
    assert said(pane) == "There is no page 40: this document has 12 pages."
    (library.folder / "deck.md").write_text("text")
    await pane.show_citation(Citation(file_id="deck.md", file_name="deck.md", quote="x", page=7, start=3, end=9))
    assert "no page 7" in said(pane)


async def test_a_place_outside_of_the_text_marks_nothing(pane: SourcePane, library: Library) -> None:
    (library.folder / "notes.md").write_text("Short.")
    citation = library.cite("notes.md", "Short.")
    await pane.show_citation(citation.model_copy(update={"start": 500, "end": 600}))
    assert pane.marked_text() == ""
    await pane.show_citation(citation.model_copy(update={"start": 4, "end": 2}))
    assert pane.marked_text() == ""


async def test_the_buttons_walk_through_the_citations_of_an_answer(pane: SourcePane, library: Library) -> None:
    citations = [
        library.cite("records.pdf", quote, 2)
        for quote in ("invoices is ten", "Contracts are kept", "may be destroyed")
    ]
    pane.set_citations(citations, 1)
    await pane.show_citation(citations[1])
    back, on = button(pane, "Previous citation"), button(pane, "Next citation")
    assert back.isEnabled()
    assert on.isEnabled()
    on.click()
    await until(lambda: pane.marked_text() == "may be destroyed")
    assert not on.isEnabled()
    back.click()
    await until(lambda: pane.marked_text() == "Contracts are kept")
    back.click()
    await until(lambda: pane.marked_text() == "invoices is ten")
    assert not back.isEnabled()


async def test_a_removed_file_leaves_the_pane_at_once(pane: SourcePane, library: Library) -> None:
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    pane.forget("records.pdf")
    assert said(pane) == "“records.pdf” was removed."
    assert pane.marked_text() == ""
    assert pane.current_page() is None
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    assert library.fetched == ["records.pdf", "records.pdf"], "nothing of a removed file is kept"


async def test_the_original_is_opened_from_a_private_copy_that_goes_with_the_program(
    pane: SourcePane, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def opens(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", opens)  # a test must not start the person's PDF viewer
    await pane.show_citation(library.cite("records.pdf", "Contracts are kept", 2))
    assert not opened, "nothing opens before the click"
    button(pane, "Open original").click()
    await until(lambda: opened)
    copy = opened[0]
    assert copy.name == "records.pdf"
    assert copy.read_bytes() == (library.folder / "records.pdf").read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700

    (library.folder / "setup.bat").write_text("del *.*")
    await pane.show_document("setup.bat", "setup.bat")
    button(pane, "Open original").click()
    await until(lambda: len(opened) == 2)
    assert opened[1].name == "setup.bat.txt", "a script is read, not run"
    pane.close_files()
    assert not any(path.exists() for path in opened)


async def test_only_the_last_few_files_are_kept(pane: SourcePane, library: Library) -> None:
    names = [f"{number}.pdf" for number in range(6)]
    for name in names:
        write_pdf(library.folder / name, pages=1)
        await pane.show_document(name, name)
    library.fetched.clear()
    await pane.show_document("5.pdf", "5.pdf")
    await pane.show_document("0.pdf", "0.pdf")
    assert library.fetched == ["0.pdf"]


async def test_a_pdf_without_boxes_opens_its_page_unmarked(pane: SourcePane, library: Library) -> None:
    citation = library.cite("records.pdf", "Contracts are kept", 2)
    await pane.show_citation(citation.model_copy(update={"boxes": [], "page": 5}))
    await asyncio.sleep(0)
    assert pane.current_page() == 5
    assert pane.marked_text() == ""
