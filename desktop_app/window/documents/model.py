"""The rows of the Documents pane: files of a vector store as the service tells them, and those still on their way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QLocale, Qt

from desktop_app.window.rows import Index, Row, RowModel

if TYPE_CHECKING:
    from openai.types.vector_stores import VectorStoreFile

    from desktop_app.wire.extensions import FileExtension

PROGRESS = Qt.ItemDataRole.UserRole + 1
"""How far a row's file is, 0..1; None when nothing is being done with it."""

Stage = Literal["queued", "adding", "refused", "waiting", "reading", "embedding", "ready", "failed", "cancelled"]
"""The first three are of files that the service doesn't have (yet), the others are FileExtension's."""

ICONS = {
    "file-pdf": {".pdf"},
    "file-table": {".csv", ".tsv", ".xlsx", ".xlsm"},
    "book": {".epub"},
    "file-text": {".docx", ".docm", ".pptx", ".pptm", ".html", ".htm", ".md", ".markdown", ".txt", ".rst", ".tex"},
    "file-code": {".py", ".js", ".ts", ".c", ".h", ".cpp", ".java", ".rs", ".go", ".sh", ".sql", ".json", ".xml"},
}

UNITS = {".pdf": "page", ".pptx": "slide", ".pptm": "slide", ".xlsx": "sheet", ".xlsm": "sheet"}
"""What the pages of a file are called; the others are one long text."""


@dataclass(frozen=True)
class Document:
    """One row. `id` is the file's id, or the upload's while the service doesn't have the file."""

    id: str
    name: str
    stage: Stage
    progress: float = 0.0
    bytes: int = 0
    page_count: int = 0
    pages_without_text: int = 0
    reason: str = ""

    @property
    def is_local(self) -> bool:
        """Whether this row is about a file that is not in the store."""
        return self.stage in ("queued", "adding", "refused")

    @property
    def in_work(self) -> bool:
        return self.stage in ("adding", "reading", "embedding")


def document_of(file: "VectorStoreFile") -> Document:
    """A vector store file with our extension; without it (another service) what the protocol says."""
    extra = getattr(file, "deskside", None)
    if extra is None:
        stages: dict[str, Stage] = {"completed": "ready", "failed": "failed", "cancelled": "cancelled"}
        reason = file.last_error.message if file.last_error else ""
        return Document(file.id, file.id, stages.get(file.status, "reading"), bytes=file.usage_bytes, reason=reason)
    from desktop_app.wire.extensions import FileExtension

    document = document_from(file.id, FileExtension.model_validate(extra))
    return document if document.reason or not file.last_error else replace(document, reason=file.last_error.message)


def document_from(file_id: str, told: "FileExtension") -> Document:
    return Document(
        id=file_id,
        name=told.file_name or file_id,
        stage=told.stage,
        progress=told.progress,
        bytes=told.bytes,
        page_count=told.page_count,
        pages_without_text=len(told.pages_without_text),
        reason=told.reason,
    )


def describe(document: Document) -> str:
    """The second line: what there is, or what is being done, or why not."""
    if document.stage in ("failed", "refused"):
        return document.reason or "Failed"
    percent = f" {document.progress:.0%}" if document.progress else ""
    doing = {
        "queued": "Waiting to be added",
        "adding": f"Adding{percent}",
        "waiting": "Waiting to be read",
        "reading": f"Reading{percent}",
        "embedding": f"Indexing{percent}",
        "cancelled": "Cancelled",
    }.get(document.stage)
    parts = [doing] if doing else []
    unit = UNITS.get(PurePath(document.name).suffix.lower())
    if unit and document.page_count:
        parts.append(f"1 {unit}" if document.page_count == 1 else f"{document.page_count} {unit}s")
    if document.pages_without_text:
        parts.append(f"{document.pages_without_text} without text")
    if document.bytes:
        parts.append(
            QLocale(QLocale.Language.English).formattedDataSize(
                document.bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat
            )
        )
    return " · ".join(parts) or "Ready"


def row_of(document: Document) -> Row:
    if document.stage in ("failed", "refused"):
        return Row(document.id, document.name, describe(document), "warning", "danger")
    if document.pages_without_text:
        return Row(document.id, document.name, describe(document), "warning", "warning")
    ending = PurePath(document.name).suffix.lower()
    icon = next((icon for icon, endings in ICONS.items() if ending in endings), "file")
    return Row(document.id, document.name, describe(document), icon)


class DocumentModel(RowModel):
    """Changes only the rows that changed: selection, focus and what is in view stay while files are being read."""

    def __init__(self) -> None:
        super().__init__()
        self._documents: list[Document] = []

    def documents(self) -> Sequence[Document]:
        return self._documents

    def document(self, row_id: str | None) -> Document | None:
        row = self.row_of(row_id)
        return self._documents[row] if row >= 0 else None

    def set_documents(self, documents: Sequence[Document]) -> None:
        """Show these. Rows keep their order where they can: new ones come in, gone ones go out, the rest stay."""
        if len(documents) == len(self._documents) and all(
            new is old or new.id == old.id for new, old in zip(documents, self._documents, strict=True)
        ):
            for row, document in enumerate(documents):
                self._replace(row, document)
            return
        wanted = {document.id for document in documents}
        present = {document.id for document in self._documents}
        if wanted.isdisjoint(present):
            self.beginResetModel()
            self._documents = list(documents)
            self._rows = [row_of(document) for document in documents]
            self.endResetModel()
            return
        for row in reversed(range(len(self._documents))):
            if self._documents[row].id not in wanted:
                self.removeRow(row)
        for row, document in enumerate(documents):
            if row < len(self._documents) and self._documents[row].id == document.id:
                self._replace(row, document)
            else:
                if document.id in present:
                    self.removeRow(self.row_of(document.id))
                self._insert(row, document)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        document = self._documents[index.row()]
        if role == PROGRESS:
            return document.progress if document.in_work else None
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [document.name, describe(document)]
            return "\n".join(lines if document.reason in lines[1] else [*lines, document.reason])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            told = f"{document.name}, {describe(document)}"
            return told if document.reason in told else f"{told}. {document.reason}"
        return super().data(index, role)

    def removeRow(self, row: int, parent: Index | None = None) -> bool:
        self.beginRemoveRows(self.index(-1), row, row)
        del self._documents[row], self._rows[row]
        self.endRemoveRows()
        return True

    def _insert(self, row: int, document: Document) -> None:
        self.beginInsertRows(self.index(-1), row, row)
        self._documents.insert(row, document)
        self._rows.insert(row, row_of(document))
        self.endInsertRows()

    def _replace(self, row: int, document: Document) -> None:
        old = self._documents[row]
        if document is not old and document != old:
            self._documents[row] = document
            self._rows[row] = row_of(document)
            self.dataChanged.emit(self.index(row), self.index(row))
