"""Files: their rows, and the object the protocol shows of them. The bytes are in `store/blobs.py`."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import files, vector_store_files
from desktop_app.wire.errors import no_such_file


def insert_file(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(files.insert().values(values))


def file_row(connection: Connection, file_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = connection.execute(sa.select(files).where(files.c.id == file_id)).mappings().first()
    if row is None:
        raise no_such_file(file_id)
    return dict(row)


def file_rows(connection: Connection, file_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Those of the files that exist, by id."""
    statement = sa.select(files).where(files.c.id.in_(file_ids))
    return {row["id"]: dict(row) for row in connection.execute(statement).mappings()}


def require_files(connection: Connection, file_ids: Collection[str]) -> None:
    """Raises ApiError 404 for the first of the files that does not exist."""
    known = file_rows(connection, file_ids) if file_ids else {}
    for file_id in file_ids:
        if file_id not in known:
            raise no_such_file(file_id)


def file_page(connection: Connection, query: PageQuery, purpose: str | None = None) -> Page:
    return read_page(connection, files, query, *([] if purpose is None else [files.c.purpose == purpose]))


def delete_file(connection: Connection, file_id: str) -> None:
    """Its pages, vectors, chunks and places in vector stores go with it. Raises ApiError 404."""
    if not connection.execute(files.delete().where(files.c.id == file_id)).rowcount:
        raise no_such_file(file_id)


def stores_of_file(connection: Connection, file_id: str) -> list[str]:
    """Ids of the vector stores that hold the file."""
    statement = sa.select(vector_store_files.c.vector_store_id).where(vector_store_files.c.file_id == file_id)
    return list(connection.execute(statement).scalars())


def expired_files(connection: Connection, now: int) -> list[str]:
    """Ids of the files whose time is over."""
    return list(connection.execute(sa.select(files.c.id).where(files.c.expires_at <= now)).scalars())


def file_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol's `file`."""
    return {
        "id": row["id"],
        "object": "file",
        "bytes": row["bytes"],
        "created_at": row["created_at"],
        "filename": row["filename"],
        "purpose": row["purpose"],
        "status": "processed",
    } | ({} if row["expires_at"] is None else {"expires_at": row["expires_at"]})
