"""From files that a person drops to files of a vector store: one by one, each with its progress or its reason."""

import asyncio
import hashlib
import io
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.client.connection import Connection
from desktop_app.client.errors import ClientError, RefusedError, readable_errors
from desktop_app.client.gather import Gathered, gather
from desktop_app.window.documents.model import Document
from desktop_app.window.tasks import Tasks

if TYPE_CHECKING:
    from openai.types.vector_stores import VectorStoreFile

ON_ITS_WAY = "This file is being added already."

_BLOCK = 1024 * 1024


@dataclass
class _Upload:
    """A file on its way into the store `store_id`."""

    document: Document
    path: Path
    place: str
    """The path with its links followed: two names of one file are one upload."""
    store_id: str


class Uploads(QObject):
    """What has been dropped and is not in a store yet.

    `changed` when rows come, go or get on; `added(store_id, VectorStoreFile)` when a file has reached its store. Files
    that are refused keep their row, with the reason, until it is dismissed.
    """

    changed = Signal()
    added = Signal(str, object)

    def __init__(
        self,
        connection: Callable[[], Connection],
        stored: Callable[[str], Awaitable[Sequence[Document]]],
        tasks: Tasks,
    ) -> None:
        """`connection` raises ClientError while there is none; `stored(store_id)` gives what a store has now."""
        super().__init__(tasks)
        self._connection = connection
        self._stored = stored
        self._tasks = tasks
        self._uploads: dict[str, _Upload] = {}
        self._numbers = count(1)
        self._digests: dict[str, str] = {}

    def documents(self, store_id: str | None) -> list[Document]:
        """The rows of one store, in the order they were dropped."""
        return [upload.document for upload in self._uploads.values() if upload.store_id == store_id]

    async def add(self, store_id: str, paths: Sequence[Path]) -> None:
        """Queue files, and the files in folders; what can't be added gets its reason. The files follow one by one."""
        gathered = await asyncio.to_thread(_gathered, paths)
        on_their_way = {
            upload.place
            for upload in self._uploads.values()
            if upload.store_id == store_id and upload.document.stage != "refused"
        }
        for found, place, size in gathered:
            problem = found.problem or (ON_ITS_WAY if place in on_their_way else "")
            upload_id = f"upload_{next(self._numbers)}"
            document = Document(
                upload_id,
                _printable(found.path.name or str(found.path)),
                "refused" if problem else "queued",
                bytes=size,
                reason=problem,
            )
            self._uploads[upload_id] = _Upload(document, found.path, place, store_id)
        self.changed.emit()
        self._tasks.start("documents.upload", self._work())

    def dismiss(self, upload_id: str) -> None:
        """Take a row away; a file on its way is not added."""
        if self._uploads.pop(upload_id, None) is not None:
            self._tasks.cancel(_task(upload_id))
            self.changed.emit()

    async def retry(self, upload_id: str) -> None:
        """Try a refused file once more."""
        upload = self._uploads.pop(upload_id, None)
        if upload is not None:
            await self.add(upload.store_id, [upload.path])

    async def _work(self) -> None:
        while (upload := self._next()) is not None:
            task = self._tasks.start(_task(upload.document.id), self._upload(upload))
            if task is None:
                return
            await asyncio.wait({task})

    def _next(self) -> _Upload | None:
        return next((upload for upload in self._uploads.values() if upload.document.stage == "queued"), None)

    async def _upload(self, upload: _Upload) -> None:
        self._tell(upload, stage="adding")
        try:
            if (same := await self._same_bytes(upload)) is not None:
                self._refuse(upload, f"These documents have this file already: “{same}”.")
                return
            file = await self._send(upload)
        except ClientError as error:
            self._refuse(upload, f"This file was not added. {error}")
        except OSError as error:
            self._refuse(upload, f"This file can't be read: {error.strerror or error}.")
        except Exception:
            self._refuse(upload, "This file was not added: something went wrong in Deskside.")
            raise
        else:
            self._uploads.pop(upload.document.id, None)
            self.added.emit(upload.store_id, file)
            self.changed.emit()

    async def _send(self, upload: _Upload) -> "VectorStoreFile":
        openai = self._connection().openai.with_options(max_retries=0)  # a repeated upload would be a second file
        with readable_errors(), _CountedFile(upload.path, lambda part: self._tell(upload, progress=part)) as content:
            file = await openai.files.create(file=(upload.document.name, content), purpose="assistants")
        try:
            with readable_errors():
                return await openai.vector_stores.files.create(upload.store_id, file_id=file.id)
        except BaseException:
            # Refused, or the person changed their mind: nobody would ever see this file again.
            with suppress(ClientError), readable_errors():
                await asyncio.shield(openai.files.delete(file.id))
            raise

    async def _same_bytes(self, upload: _Upload) -> str | None:
        """The name of a document in the store with the same content."""
        candidates = [each for each in await self._stored(upload.store_id) if each.bytes == upload.document.bytes]
        if not candidates:
            return None
        digest = await asyncio.to_thread(_digest_of, upload.path)
        for candidate in candidates:
            try:
                if await self._digest(candidate.id) == digest:
                    return candidate.name
            except RefusedError:
                continue  # it was removed meanwhile
        return None

    async def _digest(self, file_id: str) -> str:
        if file_id not in self._digests:
            digest = hashlib.sha256()
            with readable_errors():
                streaming = self._connection().openai.files.with_streaming_response
                async with streaming.content(file_id) as answer:
                    async for block in answer.iter_bytes(_BLOCK):
                        digest.update(block)
            self._digests[file_id] = digest.hexdigest()
        return self._digests[file_id]

    def _refuse(self, upload: _Upload, reason: str) -> None:
        self._tell(upload, stage="refused", reason=reason)

    def _tell(self, upload: _Upload, **changes: object) -> None:
        upload.document = replace(upload.document, **changes)  # type: ignore[arg-type]  # fields of Document
        self.changed.emit()


class _CountedFile(io.FileIO):
    """A file that tells, 0..1, how much of it has been read; at most a hundred times."""

    def __init__(self, path: Path, told: Callable[[float], object]) -> None:
        super().__init__(path, "rb")
        self._told = told
        self._size = max(os.fstat(self.fileno()).st_size, 1)
        self._percent = 0

    def read(self, size: int | None = -1) -> bytes:
        left = self._size - self.tell()  # a file that grows meanwhile is sent as long as it was
        block = super().read(left if size is None or size < 0 else min(size, left))
        percent = min(self.tell() * 100 // self._size, 100)
        if percent != self._percent:
            self._percent = percent
            self._told(percent / 100)
        return block


def _gathered(paths: Sequence[Path]) -> list[tuple[Gathered, str, int]]:
    """Each file with its place (see `_Upload`) and size; of what can't be read the size is 0."""
    return [(each, os.path.realpath(each.path), 0 if each.problem else _size(each.path)) for each in gather(paths)]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _printable(name: str) -> str:
    """A name that is not valid text (old disks) still names its file."""
    return os.fsencode(name).decode("utf-8", "replace")


def _task(upload_id: str) -> str:
    return f"documents.upload.{upload_id}"
