"""Uploaded files: bytes in the blob folder and a row each; deleting one removes it everywhere."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from desktop_app.store.blobs import BlobTooLargeError, Source, StoredBlob
from desktop_app.store.database import Connection, Database
from desktop_app.store.documents import record_index_change
from desktop_app.store.files import (
    delete_file,
    expired_files,
    file_row,
    insert_file,
    stores_of_file,
)
from desktop_app.store.kept_blobs import KeptBlobs
from desktop_app.store.tool_resources import forget_mentions
from desktop_app.wire.errors import ApiError
from desktop_app.wire.ids import FILE, new_id
from desktop_app.wire.limits import MAX_FILE_BYTES

Result = TypeVar("Result")


@dataclass(frozen=True)
class NewFile:
    """A file to be kept; `source` can be read again after `seek(0)`. Without `lifetime_s` it never expires."""

    source: Source
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

    def __init__(self, database: Database, kept: KeptBlobs) -> None:
        self._database = database
        self._kept = kept

    def add(self, file: NewFile) -> dict[str, Any]:
        """Keep a file; answers its row. Raises ApiError 413 when it is too large."""
        return self.add_all([file], lambda _, rows: rows[0])

    def add_all(self, files: Sequence[NewFile], then: Callable[[Connection, list[dict[str, Any]]], Result]) -> Result:
        """Keep files and do what `then` does with their rows, in one transaction: all of it or nothing."""

        def insert(connection: Connection, blobs: list[StoredBlob]) -> Result:
            rows = [_row(file, blob) for file, blob in zip(files, blobs, strict=True)]
            for row in rows:
                insert_file(connection, row)
            return then(connection, rows)

        try:
            return self._kept.add([file.source for file in files], MAX_FILE_BYTES, insert)
        except BlobTooLargeError as error:
            limit = f"{MAX_FILE_BYTES // 1024**2} MB"
            raise ApiError(f"A file may have {limit} at most.", status=413, param="file") from error

    def delete(self, file_id: str) -> DeletedFile:
        """Remove the file from stores, tool resources and disk. Raises ApiError 404."""
        store_ids: list[str] = []

        def delete(connection: Connection) -> list[str]:
            sha256: str = file_row(connection, file_id)["sha256"]
            store_ids.extend(stores_of_file(connection, file_id))
            for store_id in store_ids:
                record_index_change(connection, store_id, file_id)
            delete_file(connection, file_id)
            forget_mentions(connection, file_id)
            return [sha256]

        self._kept.remove(delete)
        return DeletedFile(file_id, tuple(store_ids))

    def delete_expired(self) -> list[DeletedFile]:
        with self._database.read() as connection:
            expired = expired_files(connection, int(time.time()))
        return [self.delete(file_id) for file_id in expired]


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
