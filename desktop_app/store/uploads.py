"""Uploads in parts: their rows, and the objects the protocol shows of them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.tables import upload_parts, uploads
from desktop_app.wire.errors import not_found


def insert_upload(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(uploads.insert().values(values))


def upload_row(connection: Connection, upload_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = connection.execute(sa.select(uploads).where(uploads.c.id == upload_id)).mappings().first()
    if row is None:
        raise not_found("upload", upload_id)
    return dict(row)


def update_upload(connection: Connection, upload_id: str, **values: Any) -> None:
    connection.execute(uploads.update().where(uploads.c.id == upload_id).values(**values))


def forget_uploads(connection: Connection, expired_before: int) -> None:
    connection.execute(uploads.delete().where(uploads.c.expires_at < expired_before))


def insert_part(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(upload_parts.insert().values(values))


def part_blobs(connection: Connection, upload_id: str) -> dict[str, str]:
    """The sha256 of each of the upload's parts, by id."""
    statement = sa.select(upload_parts.c.id, upload_parts.c.sha256).where(upload_parts.c.upload_id == upload_id)
    return dict(connection.execute(statement).tuples().all())


def delete_stale_parts(connection: Connection, now: int) -> list[str]:
    """Delete the parts of uploads that are ended, or whose time is over; answers the blobs that they named."""
    going_on = sa.select(uploads.c.id).where(uploads.c.status == "pending", uploads.c.expires_at > now)
    stale = upload_parts.c.upload_id.not_in(going_on)
    return list(connection.execute(upload_parts.delete().where(stale).returning(upload_parts.c.sha256)).scalars())


def upload_status(row: Mapping[str, Any], now: int) -> str:
    return "expired" if row["status"] == "pending" and row["expires_at"] <= now else row["status"]


def upload_object(row: Mapping[str, Any], file: Mapping[str, Any] | None, now: int) -> dict[str, Any]:
    """The protocol's `upload`; `file` is the object of the file that it has become."""
    return {
        "id": row["id"],
        "object": "upload",
        "bytes": row["bytes"],
        "created_at": row["created_at"],
        "filename": row["filename"],
        "purpose": row["purpose"],
        "status": upload_status(row, now),
        "expires_at": row["expires_at"],
        "file": file,
    }


def part_object(values: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol's `upload.part`."""
    return {
        "id": values["id"],
        "object": "upload.part",
        "created_at": values["created_at"],
        "upload_id": values["upload_id"],
    }
