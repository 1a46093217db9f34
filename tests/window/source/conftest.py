"""A Source pane over a folder of real documents."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from desktop_app.window.source.pane import SourcePane
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import LIGHT, Theme
from tests.window.source.library import Library

RETENTION = (
    "4.2 Retention. Records are kept in the original form. The retention period for invoices is ten years, counted "
    "from the end of the calendar year in which the invoice was issued. Contracts are kept for six years after their "
    "term ends. Drafts may be destroyed after ninety days unless a dispute is open."
)
SENTENCE = "Contracts are kept for six years after their term ends."


def write_pdf(path: Path, pages: int = 3) -> None:
    """A PDF with the retention paragraph on page 2 (or the only one)."""
    canvas = Canvas(str(path), pagesize=(420, 594))
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 10)
        text = RETENTION if number == min(2, pages) else f"Page {number} says nothing about records."
        for line, words in enumerate(simpleSplit(text, "Helvetica", 10, 300)):
            canvas.drawString(60, 520 - 14 * line, words)
        canvas.showPage()
    canvas.save()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    write_pdf(tmp_path / "records.pdf", pages=12)
    return Library(tmp_path)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    failures: list[object] = []
    tasks.failed.connect(lambda name, error: failures.append((name, error)))
    yield tasks
    await tasks.close()
    assert not failures


@pytest.fixture
async def pane(qapp: object, library: Library, tasks: Tasks) -> AsyncIterator[SourcePane]:
    Theme.current().apply()
    Theme.current().use(LIGHT)
    pane = SourcePane(library, tasks)
    pane.resize(460, 600)
    pane.show()
    yield pane
    await tasks.close()
    pane.close_files()
    pane.close()
    pane.deleteLater()
