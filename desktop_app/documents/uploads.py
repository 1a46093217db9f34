"""Files that are uploaded in parts, and made from them when all have come."""

import hashlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.documents.files import Library, NewFile
from desktop_app.store import uploads as rows
from desktop_app.store.blobs import Blobs, BlobTooLargeError, JoinedFiles, Source, StoredBlob
from desktop_app.store.database import Connection, Database
from desktop_app.store.files import file_object, file_row
from desktop_app.store.kept_blobs import KeptBlobs
from desktop_app.wire.errors import ApiError, invalid_value
from desktop_app.wire.ids import UPLOAD, UPLOAD_PART, new_id
from desktop_app.wire.limits import MAX_PART_BYTES, UPLOAD_LIFETIME_S

_REMEMBERED_S = 86_400
"""How long an upload can be asked for after its time is over."""
_READ_BYTES = 1024 * 1024


class Uploads:
    """Methods block. Ending an upload a second time in the same way answers the same: SDKs repeat lost requests."""

    def __init__(self, database: Database, blobs: Blobs, kept: KeptBlobs, library: Library) -> None:
        self._database = database
        self._blobs = blobs
        self._kept = kept
        self._library = library
        self._ending = threading.Lock()

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        """A new upload as it is shown; `params` are the protocol's, with a name that is safe."""
        now = int(time.time())
        values = {name: params[name] for name in ("filename", "purpose", "bytes")} | {
            "id": new_id(UPLOAD),
            "created_at": now,
            "status": "pending",
            "expires_at": now + UPLOAD_LIFETIME_S,
            "lifetime_s": params.get("expires_after", {}).get("seconds"),
        }
        with self._database.write() as connection:
            rows.insert_upload(connection, values)
            return self._shown(connection, values["id"])

    def add_part(self, upload_id: str, data: Source) -> dict[str, Any]:
        """Keep a part; answers it as it is shown. Raises ApiError: 404, 400 when the upload is ended, 413."""

        def insert(connection: Connection, saved: list[StoredBlob]) -> dict[str, Any]:
            _require_pending(rows.upload_row(connection, upload_id))
            part = {"id": new_id(UPLOAD_PART), "created_at": int(time.time()), "upload_id": upload_id}
            rows.insert_part(connection, part | {"sha256": saved[0].sha256})
            return rows.part_object(part)

        with self._database.read() as connection:
            _require_pending(rows.upload_row(connection, upload_id))
        try:
            return self._kept.add([data], MAX_PART_BYTES, insert)
        except BlobTooLargeError as error:
            limit = f"{MAX_PART_BYTES // 1024**2} MB"
            raise ApiError(f"A part may have {limit} at most.", status=413, param="data") from error

    def complete(self, upload_id: str, part_ids: Sequence[str], md5: str | None = None) -> dict[str, Any]:
        """Make the file from the parts in this order. Raises ApiError; the upload then stays as it is."""
        with self._ending:
            with self._database.read() as connection:
                row = rows.upload_row(connection, upload_id)
                blobs = rows.part_blobs(connection, upload_id)
            if row["status"] != "completed":
                _require_pending(row)
                try:
                    self._join(row, [blobs[part_id] for part_id in _known(part_ids, blobs)], md5)
                except FileNotFoundError as error:
                    raise ApiError(f"Parts of upload '{upload_id}' are gone. Create a new upload.") from error
        self.clear()
        with self._database.read() as connection:
            return self._shown(connection, upload_id)

    def cancel(self, upload_id: str) -> dict[str, Any]:
        """Give up an upload. Raises ApiError: 404, 400 when it is completed or its time is over."""
        with self._ending, self._database.write() as connection:
            row = rows.upload_row(connection, upload_id)
            if row["status"] != "cancelled":
                _require_pending(row)
                rows.update_upload(connection, upload_id, status="cancelled")
            shown = self._shown(connection, upload_id)
        self.clear()
        return shown

    def clear(self) -> None:
        """Remove the parts of uploads that are ended or whose time is over, and forget those that ended long ago."""
        now = int(time.time())

        def delete(connection: Connection) -> list[str]:
            blobs = rows.delete_stale_parts(connection, now)
            rows.forget_uploads(connection, now - _REMEMBERED_S)
            return blobs

        self._kept.remove(delete)

    def _join(self, row: dict[str, Any], parts: Sequence[str], md5: str | None) -> None:
        """The file, made in one transaction with the end of its upload."""
        paths = [self._blobs.path(part) for part in parts]
        _check_bytes(paths, row["bytes"])
        with JoinedFiles(paths) as joined:
            if md5 is not None:
                _check_md5(joined, md5)
            file = NewFile(joined, row["filename"], row["purpose"], row["lifetime_s"])
            self._library.add_all([file], lambda connection, files: _complete(connection, row["id"], files))

    def _shown(self, connection: Connection, upload_id: str) -> dict[str, Any]:
        row = rows.upload_row(connection, upload_id)
        file = None if row["file_id"] is None else file_object(file_row(connection, row["file_id"]))
        return rows.upload_object(row, file, int(time.time()))


def _require_pending(row: dict[str, Any]) -> None:
    status = rows.upload_status(row, int(time.time()))
    if status != "pending":
        raise ApiError(f"Upload '{row['id']}' is {status}. Create a new upload.", param="upload_id")


def _known(part_ids: Sequence[str], blobs: dict[str, str]) -> Sequence[str]:
    for number, part_id in enumerate(part_ids):
        if part_id not in blobs:
            raise invalid_value(f"This upload has no part '{part_id[:64]}'.", f"part_ids[{number}]")
    return part_ids


def _check_bytes(paths: Sequence[Path], announced: int) -> None:
    found = sum(path.stat().st_size for path in paths)
    if found != announced:
        raise invalid_value(
            f"The parts have {found} bytes together, but the upload was announced with {announced}.", "part_ids"
        )


def _check_md5(source: Source, wanted: str) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    while some := source.read(_READ_BYTES):
        digest.update(some)
    source.seek(0)
    if digest.hexdigest() != wanted.strip().lower():
        raise invalid_value(f"The md5 of the parts is {digest.hexdigest()}, not '{wanted[:64]}'.", "md5")


def _complete(connection: Connection, upload_id: str, files: list[dict[str, Any]]) -> None:
    rows.update_upload(connection, upload_id, status="completed", file_id=files[0]["id"])
