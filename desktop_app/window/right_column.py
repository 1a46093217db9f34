"""The right column: the current assistant's documents, and under them the source of an opened citation."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_app.window.documents.pane import DocumentsPane
from desktop_app.window.session import Session
from desktop_app.window.source.pane import SourcePane
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import SPACING
from desktop_app.wire.extensions import Change, Citation, PageText


class WireFiles:
    """The original files and page texts of whichever service the session is connected to."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def file_bytes(self, file_id: str) -> bytes:
        return await self._session.service.extensions.file_bytes(file_id)

    async def page(self, file_id: str, number: int) -> PageText:
        return await self._session.service.extensions.page(file_id, number)


class RightColumn(QSplitter):
    """`source_shown()` and `source_closing()`: the column needs more room, or less."""

    add_asked = Signal()
    source_shown = Signal()
    source_closing = Signal()

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._session, self._tasks = session, tasks
        self.documents = DocumentsPane(session, tasks)
        self.source = SourcePane(WireFiles(session), tasks)
        self.source.hide()
        self.addWidget(self.documents)
        self.addWidget(self.source)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(SPACING + 4)
        self.setMinimumWidth(220)
        self.documents.add_asked.connect(self.add_asked)
        self.documents.open_requested.connect(self.show_document)
        self.source.closed.connect(self.close_source)
        session.changed.connect(self._forget_deleted)

    @property
    def source_open(self) -> bool:
        return not self.source.isHidden()

    def show_citation(self, citation: Citation, others: Sequence[Citation]) -> None:
        """Open the page of a citation with its passage marked; `others` are all citations of its answer, in order."""
        self._open_source()
        self.source.set_citations(others, others.index(citation) if citation in others else 0)
        self._tasks.restart("source.show", self.source.show_citation(citation))

    def show_document(self, file_id: str, file_name: str) -> None:
        """Open a document from its beginning."""
        self._open_source()
        self._tasks.restart("source.show", self.source.show_document(file_id, file_name))

    def _open_source(self) -> None:
        if not self.source_open:
            self.source.show()
            height = self.height()
            self.setSizes([height // 4, height - height // 4])
            self.source_shown.emit()

    def _forget_deleted(self, change: Change) -> None:
        if change.kind in ("file", "vector_store_file") and change.action == "deleted":
            self.source.forget(change.id)

    def close_files(self) -> None:
        """At the end of the program: let go of the opened originals."""
        self.source.close_files()

    def close_source(self) -> None:
        if self.source_open:
            self.source_closing.emit()
            self.source.hide()

    def focus_documents(self) -> None:
        self.documents.setFocus()

    def focus_widgets(self) -> list[QWidget]:
        """What F6 goes to, from top to bottom."""
        return [self.documents.list, self.source]

    async def add_files(self, store_id: str, files: Sequence[Path]) -> None:
        await self.documents.add_files(store_id, files)
