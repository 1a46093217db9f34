"""Blobs that rows name: kept together with the rows, and removed with the last row that names them."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from desktop_app.store.blobs import Blobs, Source, StoredBlob
from desktop_app.store.database import Connection, Database
from desktop_app.store.tables import files, upload_parts

Result = TypeVar("Result")

_NAMING = (files.c.sha256, upload_parts.c.sha256)


class KeptBlobs:
    """For many threads; every method blocks."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._lock = threading.Lock()
        """Between a blob and the row that names it: others may bring, or remove, the same bytes at the same time."""

    def add(
        self,
        sources: Sequence[Source],
        max_bytes: int,
        insert: Callable[[Connection, list[StoredBlob]], Result],
    ) -> Result:
        """Keep the sources, and write the rows that name them in one transaction: all of it or nothing.

        Sources can be read again after `seek(0)`. Raises BlobTooLargeError, OSError, and what `insert` raises.
        """
        saved: list[StoredBlob] = []
        try:
            for source in sources:
                saved.append(self._blobs.save(source, max_bytes))
            with self._lock:
                for source, blob in zip(sources, saved, strict=True):
                    if not self._blobs.path(blob.sha256).exists():  # removed meanwhile, with the last row of others
                        source.seek(0)
                        self._blobs.save(source, max_bytes)
                with self._database.write() as connection:
                    return insert(connection, saved)
        except BaseException:
            self.remove(lambda _: [blob.sha256 for blob in saved])
            raise

    def remove(self, delete: Callable[[Connection], Iterable[str]]) -> None:
        """Delete rows in one transaction; `delete` answers the blobs they named, which go if nothing else names them.

        Raises what `delete` raises; then nothing is deleted.
        """
        with self._lock:
            with self._database.write() as connection:
                unused = [sha256 for sha256 in set(delete(connection)) if not _is_named(connection, sha256)]
            for sha256 in unused:
                self._blobs.delete(sha256)

    def sweep(self) -> None:
        """Remove blobs that no row names; at start, before anything is uploaded."""
        with self._database.read() as connection:
            named = {sha256 for column in _NAMING for sha256 in connection.execute(sa.select(column)).scalars()}
        self._blobs.sweep(named)


def _is_named(connection: Connection, sha256: str) -> bool:
    return any(connection.execute(sa.select(column).where(column == sha256).limit(1)).first() for column in _NAMING)
