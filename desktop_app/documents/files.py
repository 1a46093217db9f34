"""Uploaded files: bytes in the blob folder and a row each; deleting one removes it everywhere."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from desktop_app.store.blobs import Blobs, BlobTooLargeError, StoredBlob
from desktop_app.store.database import Connection, Database
from desktop_app.store.documents import record_index_change
from desktop_app.store.files import (
    delete_file,
    expired_files,
    file_row,
    insert_file,
    is_blob_used,
    stores_of_file,
    used_blobs,
)
from desktop_app.store.tool_resources import forget_mentions
from desktop_app.wire.errors import ApiError
from desktop_app.wire.ids import FILE, new_id
from desktop_app.wire.limits import MAX_FILE_BYTES

Result = TypeVar("Result")


@dataclass(frozen=True)
class NewFile:
    """A file to be kept; `source` can be read twice (seekable). Without `lifetime_s` it never expires."""

    source: BinaryIO
    name: str
    purpose: str
    lifetime_s: int | None = None


@dataclass(frozen=True)
class DeletedFile:
    id: str
    vector_store_ids: tuple[str, ...]
    """The stores it was in."""


class Library:
    """All files of a data folder. Methods block."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._blob_lock = threading.Lock()
        """Between the row that names a blob and the blob itself: an upload and a deletion may mean the same bytes."""

    def add(self, file: NewFile) -> dict[str, Any]:
        """Keep a file; answers its row. Raises ApiError 413 when it is too large."""
        return self.add_all([file], lambda _, rows: rows[0])

    def add_all(self, files: Sequence[NewFile], then: Callable[[Connection, list[dict[str, Any]]], Result]) -> Result:
        """Keep files and do what `then` does with their rows, in one transaction: all of it or nothing."""
        saved = [(file, self._save(file)) for file in files]
        with self._blob_lock:
            for file, blob in saved:
                if not self._blobs.path(blob.sha256).exists():  # deleted meanwhile, with the last row that named it
                    file.source.seek(0)
                    self._save(file)
            with self._database.write() as connection:
                rows = [_row(file, blob) for file, blob in saved]
                for row in rows:
                    insert_file(connection, row)
                return then(connection, rows)

    def delete(self, file_id: str) -> DeletedFile:
        """Remove the file from stores, tool resources and disk. Raises ApiError 404."""
        with self._blob_lock:
            with self._database.write() as connection:
                sha256 = file_row(connection, file_id)["sha256"]
                store_ids = stores_of_file(connection, file_id)
                for store_id in store_ids:
                    record_index_change(connection, store_id, file_id)
                delete_file(connection, file_id)
                forget_mentions(connection, file_id)
                is_last = not is_blob_used(connection, sha256)
            if is_last:
                self._blobs.delete(sha256)
        return DeletedFile(file_id, tuple(store_ids))

    def delete_expired(self) -> list[DeletedFile]:
        with self._database.read() as connection:
            expired = expired_files(connection, int(time.time()))
        return [self.delete(file_id) for file_id in expired]

    def sweep(self) -> None:
        """Remove blobs that no row names; at start, before anything is uploaded."""
        with self._database.read() as connection:
            wanted = used_blobs(connection)
        self._blobs.sweep(wanted)

    def _save(self, file: NewFile) -> StoredBlob:
        try:
            return self._blobs.save(file.source, MAX_FILE_BYTES)
        except BlobTooLargeError as error:
            limit = f"{MAX_FILE_BYTES // 1024**2} MB"
            raise ApiError(f"A file may have {limit} at most.", status=413, param="file") from error


def _row(file: NewFile, blob: StoredBlob) -> dict[str, Any]:
    now = int(time.time())
    return {
        "id": new_id(FILE),
        "created_at": now,
        "filename": file.name,
        "purpose": file.purpose,
        "bytes": blob.bytes,
        "sha256": blob.sha256,
        "expires_at": None if file.lifetime_s is None else now + file.lifetime_s,
    }
