"""The Documents pane: the files that the current assistant answers from, and what a person does with them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.window import operations
from desktop_app.window.assistants.fields import runs_code
from desktop_app.window.documents.document_list import DocumentList
from desktop_app.window.documents.model import DocumentModel, document_of
from desktop_app.window.documents.store_files import StoreFiles
from desktop_app.window.documents.upload import Uploads
from desktop_app.window.pane import Pane
from desktop_app.window.session import Session, store_of
from desktop_app.window.tasks import Tasks

if TYPE_CHECKING:
    from openai.types.vector_stores import VectorStoreFile


class DocumentsPane(Pane):
    """`add_asked()` for the file dialog, `open_requested(file_id, file_name)` for the Source pane."""

    add_asked = Signal()
    open_requested = Signal(str, str)

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("Documents", parent)
        self._tasks = tasks
        self._session = session
        self._giving = asyncio.Lock()
        self.files = StoreFiles(session, tasks)
        self.uploads = Uploads(lambda: session.service, self.files.stored, tasks)
        self.model = DocumentModel()
        self.list = DocumentList(self.model)
        self.add_button = self.add_tool("upload", "Add files", self.add_asked.emit)
        self.set_content(self.list)
        self.setFocusProxy(self.list)
        self.files.changed.connect(self._show)
        self.uploads.changed.connect(self._show)
        self.uploads.added.connect(self._added)
        session.status_changed.connect(self._show)
        self.list.open_asked.connect(self._open)
        self.list.retry_asked.connect(self._retry)
        self.list.delete_asked.connect(self._remove)
        self._show()

    async def add_files(self, store_id: str, paths: Sequence[Path]) -> None:
        """Add files and folders to a store; each gets a row at once, and goes its way in its own time."""
        await self.uploads.add(store_id, paths)
        if self.uploads.documents(store_id) and store_id == self.files.store_id:
            self.list.scrollToBottom()

    def reload(self) -> None:
        """Changes may have been missed."""
        self.files.reload()

    def _show(self) -> None:
        stored = self.files.documents()
        self.model.set_documents([*stored, *self.uploads.documents(self.files.store_id)])
        count = "1 file" if len(stored) == 1 else f"{len(stored)} files"
        self.set_title(f"{self.files.name or 'Documents'} · {count}" if stored else self.files.name or "Documents")
        self.add_button.setEnabled(self._session.connection is not None)
        self.list.viewport().update()

    def _added(self, store_id: str, file: "VectorStoreFile") -> None:
        self.files.add(store_id, document_of(file))
        for assistant in self._session.assistants:
            if store_of(assistant) == store_id and runs_code(assistant):
                self._tasks.start(f"documents.code.{assistant.id}.{file.id}", self._give_to_code(assistant.id))

    async def _give_to_code(self, assistant_id: str) -> None:
        async with self._giving:  # of two that read the same list, one would undo what the other writes
            await operations.give_documents_to_code(self._session.service, assistant_id)

    def _open(self, row_id: str) -> None:
        document = self.model.document(row_id)
        if document is not None:
            self.open_requested.emit(document.id, document.name)

    def _retry(self, row_id: str) -> None:
        document = self.model.document(row_id)
        if document is not None:
            owner = self.uploads if document.is_local else self.files
            self._tasks.start(f"documents.retry.{row_id}", owner.retry(row_id))

    def _remove(self, row_id: str) -> None:
        document = self.model.document(row_id)
        if document is None:
            return
        if document.is_local:
            self.uploads.dismiss(row_id)
            return
        box = QMessageBox(
            QMessageBox.Icon.NoIcon,
            "Remove",
            f"Remove “{document.name}” from the documents?",
            QMessageBox.StandardButton.Cancel,
            self,
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText("Answers will no longer come from it. The file on your disk stays.")
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        remove.clicked.connect(lambda: self._tasks.start(f"documents.remove.{row_id}", self.files.remove(row_id)))
        box.open()
