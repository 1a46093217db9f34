"""Uploaded files: bytes in the blob folder and a row each; deleting one removes it everywhere."""

import threading
import time
from dataclasses import dataclass
from typing import Any, BinaryIO

from desktop_app.store.blobs import Blobs, BlobTooLargeError
from desktop_app.store.database import Database
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

    def add(self, source: BinaryIO, name: str, purpose: str, lifetime_s: int | None = None) -> dict[str, Any]:
        """Keep the bytes of `source`; answers the file's row. Raises ApiError when they are too many."""
        try:
            blob = self._blobs.save(source, MAX_FILE_BYTES)
        except BlobTooLargeError as error:
            raise ApiError(
                f"A file may have {MAX_FILE_BYTES // 1024**2} MB at most.", status=413, param="file"
            ) from error
        now = int(time.time())
        values = {
            "id": new_id(FILE),
            "created_at": now,
            "filename": name,
            "purpose": purpose,
            "bytes": blob.bytes,
            "sha256": blob.sha256,
            "expires_at": None if lifetime_s is None else now + lifetime_s,
        }
        with self._blob_lock:
            if not self._blobs.path(blob.sha256).exists():
                source.seek(0)
                self._blobs.save(source, MAX_FILE_BYTES)
            with self._database.write() as connection:
                insert_file(connection, values)
        return values

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
