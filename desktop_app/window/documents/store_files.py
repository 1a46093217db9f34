"""The files of the current assistant's vector store, read from the service and kept up to date by its feed."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.client.errors import RefusedError, readable_errors
from desktop_app.window.documents.model import Document, document_from, document_of
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.wire.limits import PAGE_LIMIT_MAX

if TYPE_CHECKING:
    from desktop_app.wire.extensions import Change

REFRESH_MS = 120
"""Changes that arrive within this time are read together."""

MANY = 20
"""When more files have changed the whole list is read: one call gives a hundred files."""

_NOT_FOUND = 404


class StoreFiles(QObject):
    """`changed` when other files, or other states, are to be shown."""

    changed = Signal()

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._session, self._tasks = session, tasks
        self._documents: dict[str, Document] = {}
        self._stale: set[str] = set()
        self.store_id: str | None = None
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(lambda: self._tasks.start("documents.refresh", self._refresh()))
        session.assistant_selected.connect(self.reload)
        session.assistants_changed.connect(self._follow_store)
        session.changed.connect(self.notice)

    @property
    def name(self) -> str:
        """What the store is called; "" while that is not known."""
        store = self._session.stores.get(self.store_id or "")
        return (store.name or "") if store is not None else ""

    def documents(self) -> Sequence[Document]:
        return list(self._documents.values())

    async def stored(self, store_id: str) -> Sequence[Document]:
        """The files of any store. Raises ClientError."""
        return self.documents() if store_id == self.store_id else await self._list(store_id)

    def reload(self) -> None:
        """Read everything again: another store is current, or changes may have been missed."""
        if self.store_id != self._session.store_id:
            self.store_id = self._session.store_id
            self._documents.clear()
            self.changed.emit()
        if self.store_id is not None and self._session.connection is not None:
            self._tasks.restart("documents.load", self._load(self.store_id))

    def add(self, store_id: str, document: Document) -> None:
        """A file has just reached its store, or has another state."""
        if store_id == self.store_id:
            self._documents[document.id] = document
            self.changed.emit()

    def notice(self, change: "Change") -> None:
        """Take an entry of the feed."""
        ours = change.kind == "vector_store_file" and change.parent_id == self.store_id
        if ours or (change.kind == "file" and change.id in self._documents):
            self._stale.add(change.id)
            if not self._timer.isActive():
                self._timer.start()

    async def remove(self, file_id: str) -> None:
        """Take a file out of the store, and out of the service when no other store has it. Raises ClientError."""
        assert self.store_id is not None
        openai = self._session.service.openai
        with readable_errors():
            await openai.vector_stores.files.delete(file_id, vector_store_id=self.store_id)
        self._forget(file_id)
        with readable_errors():
            stores = [store.id async for store in openai.vector_stores.list(limit=PAGE_LIMIT_MAX)]
        for store_id in stores:
            with suppress(RefusedError), readable_errors():
                await openai.vector_stores.files.retrieve(file_id, vector_store_id=store_id)
                return
        with readable_errors():
            await openai.files.delete(file_id)

    async def retry(self, file_id: str) -> None:
        """Read a failed file once more. Raises ClientError."""
        assert self.store_id is not None
        told = await self._session.service.extensions.retry(self.store_id, file_id)
        self.add(self.store_id, document_from(file_id, told))
        self._stale.add(file_id)
        await self._refresh()

    def _follow_store(self) -> None:
        if self.store_id != self._session.store_id:
            self.reload()
        else:
            self.changed.emit()  # its name may be another one

    async def _load(self, store_id: str) -> None:
        documents = await self._list(store_id)
        if store_id == self.store_id:
            self._documents = {document.id: document for document in documents}
            self.changed.emit()

    async def _list(self, store_id: str) -> list[Document]:
        files = self._session.service.openai.vector_stores.files
        with readable_errors():
            return [document_of(file) async for file in files.list(store_id, limit=PAGE_LIMIT_MAX, order="asc")]

    async def _refresh(self) -> None:
        while self._stale and self.store_id is not None and self._session.connection is not None:
            stale, self._stale = self._stale, set()
            if len(stale) > MANY:
                await self._load(self.store_id)
                continue
            for file_id in stale:
                await self._read(self.store_id, file_id)
            self.changed.emit()

    async def _read(self, store_id: str, file_id: str) -> None:
        try:
            with readable_errors():
                file = await self._session.service.openai.vector_stores.files.retrieve(
                    file_id, vector_store_id=store_id
                )
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise
            self._forget(file_id)
        else:
            if store_id == self.store_id:
                self._documents[file_id] = document_of(file)

    def _forget(self, file_id: str) -> None:
        if self._documents.pop(file_id, None) is not None:
            self.changed.emit()
