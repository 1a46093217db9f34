"""The right column: the current assistant's documents, and under them the source of an opened citation."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_app.window.documents.pane import DocumentsPane
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import SPACING

if TYPE_CHECKING:
    from desktop_app.window.source.pane import SourcePane
    from desktop_app.wire.extensions import Change, Citation, PageText


class WireFiles:
    """The original files and page texts of whichever service the session is connected to."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def file_bytes(self, file_id: str) -> bytes:
        return await self._session.service.extensions.file_bytes(file_id)

    async def page(self, file_id: str, number: int) -> "PageText":
        return await self._session.service.extensions.page(file_id, number)


class RightColumn(QSplitter):
    """`source_shown()` and `source_closing()`: the column needs more room, or less.

    `source` is made when the first citation is opened: the window need not wait for PDF code that it may never use.
    """

    add_asked = Signal()
    source_shown = Signal()
    source_closing = Signal()

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._session, self._tasks = session, tasks
        self.documents = DocumentsPane(session, tasks)
        self.source: SourcePane | None = None
        self.addWidget(self.documents)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(SPACING + 4)
        self.setMinimumWidth(200)
        self.documents.add_asked.connect(self.add_asked)
        self.documents.open_requested.connect(self.show_document)
        session.changed.connect(self._forget_deleted)

    @property
    def source_open(self) -> bool:
        return self.source is not None and not self.source.isHidden()

    def show_citation(self, citation: "Citation", others: "Sequence[Citation]") -> None:
        """Open the page of a citation with its passage marked; `others` are all citations of its answer, in order."""
        source = self._open_source()
        source.set_citations(others, others.index(citation) if citation in others else 0)
        self._tasks.restart("source.show", source.show_citation(citation))

    def show_document(self, file_id: str, file_name: str) -> None:
        """Open a document from its beginning."""
        self._tasks.restart("source.show", self._open_source().show_document(file_id, file_name))

    def close_source(self) -> None:
        if self.source is not None and self.source_open:
            self.source_closing.emit()
            self.source.hide()

    def close_files(self) -> None:
        """At the end of the program: let go of the opened originals."""
        if self.source is not None:
            self.source.close_files()

    def focus_documents(self) -> None:
        self.documents.setFocus()

    def focus_widgets(self) -> list[QWidget]:
        """What F6 goes to, from top to bottom."""
        return [self.documents.list, *([self.source] if self.source is not None else [])]

    async def add_files(self, store_id: str, files: Sequence[Path]) -> None:
        await self.documents.add_files(store_id, files)

    def _open_source(self) -> "SourcePane":
        if self.source is None:
            from desktop_app.window.source.pane import SourcePane

            self.source = SourcePane(WireFiles(self._session), self._tasks)
            self.source.closed.connect(self.close_source)
            self.source.hide()
            self.addWidget(self.source)
        if self.source.isHidden():
            self.source.show()
            height = self.height()
            self.setSizes([height // 4, height - height // 4])
            self.source_shown.emit()
        return self.source

    def _forget_deleted(self, change: "Change") -> None:
        if self.source is not None and change.kind in ("file", "vector_store_file") and change.action == "deleted":
            self.source.forget(change.id)
