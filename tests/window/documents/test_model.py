"""The rows of the Documents pane: their words, and that only what changed is told to the view."""

import pytest
from openai.types.vector_stores import VectorStoreFile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop_app.window.documents.document_list import DocumentList
from desktop_app.window.documents.model import PROGRESS, Document, DocumentModel, describe, document_of, row_of
from desktop_app.window.theme import LIGHT, Theme


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (Document("1", "a.pdf", "ready", bytes=1_230_000, page_count=40), "40 pages · 1.2 MB"),
        (Document("1", "a.pdf", "ready", bytes=900, page_count=1), "1 page · 900 bytes"),
        (Document("1", "a.pdf", "ready", page_count=9, pages_without_text=2), "9 pages · 2 without text"),
        (Document("1", "a.md", "ready"), "Ready"),
        (Document("1", "a.md", "ready", bytes=900, page_count=1), "900 bytes"),
        (Document("1", "a.xlsx", "ready", page_count=3), "3 sheets"),
        (Document("1", "a.pdf", "waiting", bytes=2_000), "Waiting to be read · 2.0 kB"),
        (Document("1", "a.pdf", "reading", 0.62, page_count=4), "Reading 62% · 4 pages"),
        (Document("1", "a.pdf", "embedding", 0.05), "Indexing 5%"),
        (Document("1", "a.pdf", "adding", 0.0), "Adding"),
        (Document("1", "a.pdf", "queued"), "Waiting to be added"),
        (Document("1", "a.pdf", "cancelled"), "Cancelled"),
        (Document("1", "a.pdf", "failed", reason="This PDF has no pages."), "This PDF has no pages."),
    ],
)
def test_the_second_line_says_what_there_is_or_what_is_being_done(document: Document, words: str) -> None:
    assert describe(document) == words


@pytest.mark.parametrize(
    ("name", "icon"),
    [("a.PDF", "file-pdf"), ("a.xlsx", "file-table"), ("a.md", "file-text"), ("a.py", "file-code"), ("a", "file")],
)
def test_the_icon_is_that_of_the_kind_of_file(name: str, icon: str) -> None:
    assert row_of(Document("1", name, "ready")).icon == icon
    assert row_of(Document("1", name, "failed", reason="No.")).icon == "warning"


def test_a_service_without_our_extension_still_fills_the_pane() -> None:
    file = VectorStoreFile.model_validate(
        {
            "id": "file-1",
            "created_at": 1,
            "object": "vector_store.file",
            "status": "failed",
            "usage_bytes": 12,
            "vector_store_id": "vs_1",
            "last_error": {"code": "invalid_file", "message": "It is broken."},
        }
    )
    assert document_of(file) == Document("file-1", "file-1", "failed", bytes=12, reason="It is broken.")


def test_only_rows_that_changed_are_told_and_the_selection_stays() -> None:
    model = DocumentModel()
    view = DocumentList(model)
    documents = [Document(str(number), f"{number}.pdf", "reading", 0.1) for number in range(5)]
    model.set_documents(documents)
    view.setCurrentIndex(model.index(3))
    resets: list[bool] = []
    told: list[int] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.dataChanged.connect(lambda first, last: told.append(first.row()))
    documents[1] = Document("1", "1.pdf", "reading", 0.5)
    model.set_documents(documents)
    assert told == [1]
    assert model.index(1).data(PROGRESS) == 0.5
    model.set_documents([documents[4], documents[1], documents[3], Document("9", "9.pdf", "queued")])
    assert [row.id for row in model.documents()] == ["4", "1", "3", "9"]
    assert [row.id for row in model.rows()] == ["4", "1", "3", "9"]
    assert view.selected_id() == "3"
    assert not resets
    view.deleteLater()


def test_many_thousands_of_rows_are_shown_and_changed_at_once() -> None:
    import time

    model = DocumentModel()
    view = DocumentList(model)
    documents = [Document(str(number), f"{number}.pdf", "reading", 0.1) for number in range(10_000)]
    before = time.process_time()
    model.set_documents(documents)
    documents[5_000] = Document("5000", "5000.pdf", "ready")
    model.set_documents(documents)
    assert time.process_time() - before < 0.5
    view.deleteLater()


def test_the_reason_is_told_in_full_to_pointers_and_screen_readers() -> None:
    model = DocumentModel()
    reason = "2 of 9 pages have no text: they may be pictures."
    model.set_documents([Document("1", "a.pdf", "ready", page_count=9, pages_without_text=2, reason=reason)])
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        told = model.index(0).data(role)
        assert "a.pdf" in told
        assert reason in told


def test_the_bar_is_as_long_as_the_progress(qapp: QApplication) -> None:
    Theme.current().apply()
    Theme.current().use(LIGHT)
    model = DocumentModel()
    view = DocumentList(model)
    view.resize(300, 200)
    view.show()
    lengths = []
    for progress in (0.25, 0.75):
        model.set_documents([Document("1", "a.pdf", "reading", progress)])
        image = view.viewport().grab().toImage()
        y = view.visualRect(model.index(0)).bottom() - 4
        lengths.append(sum(image.pixelColor(x, y) == LIGHT.accent for x in range(image.width())))
    assert lengths[0] > 30
    assert lengths[1] / lengths[0] == pytest.approx(3, rel=0.1)
    view.close()
    view.deleteLater()


def test_what_can_be_done_depends_on_the_state() -> None:
    model = DocumentModel()
    view = DocumentList(model)

    def possible(document: Document) -> list[str]:
        return [action.text().split("\t")[0] for action in view.menu_for(document).actions() if action.isEnabled()]

    assert possible(Document("1", "a.pdf", "ready")) == ["Open", "Remove"]
    assert possible(Document("1", "a.pdf", "failed")) == ["Open", "Retry", "Remove"]
    assert possible(Document("1", "a.pdf", "refused")) == ["Retry", "Remove"]
    assert possible(Document("1", "a.pdf", "adding")) == ["Remove"]
    view.deleteLater()
