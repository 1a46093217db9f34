"""Files in vector stores, and the batches they were added in. A row in progress stands in the ingestion queue."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import chunks, file_batch_files, file_batches, vector_store_files
from desktop_app.store.vector_stores import file_counts
from desktop_app.wire.errors import not_found
from desktop_app.wire.extensions import FileExtension

_columns = vector_store_files.c


def insert_store_files(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(vector_store_files.insert(), list(rows))


def store_file_rows(
    connection: Connection, vector_store_id: str, file_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Those of the files that are in the store, by file id."""
    statement = sa.select(vector_store_files).where(
        _columns.vector_store_id == vector_store_id, _columns.file_id.in_(file_ids)
    )
    return {row["file_id"]: dict(row) for row in connection.execute(statement).mappings()}


def store_file_row(connection: Connection, vector_store_id: str, file_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = store_file_rows(connection, vector_store_id, [file_id]).get(file_id)
    if row is None:
        raise not_found(f"file in vector store '{vector_store_id}'", file_id)
    return row


def store_file_page(
    connection: Connection,
    vector_store_id: str,
    query: PageQuery,
    status: str | None = None,
    batch_id: str | None = None,
) -> Page:
    """The files of a store, or those of one of its batches."""
    where = [_columns.vector_store_id == vector_store_id]
    if status is not None:
        where.append(_columns.status == status)
    if batch_id is not None:
        batch = sa.select(file_batch_files.c.file_id).where(file_batch_files.c.batch_id == batch_id)
        where.append(_columns.file_id.in_(batch))
    return read_page(connection, vector_store_files, query, *where, cursor="file_id")


def update_store_file(connection: Connection, seq: int, values: dict[str, Any]) -> None:
    if values:
        connection.execute(vector_store_files.update().where(_columns.seq == seq).values(values))


def delete_store_file(connection: Connection, vector_store_id: str, file_id: str) -> None:
    """Take a file out of a store, with its chunks."""
    for table in (vector_store_files, chunks):
        connection.execute(
            table.delete().where(table.c.vector_store_id == vector_store_id, table.c.file_id == file_id)
        )


def insert_batch(connection: Connection, values: dict[str, Any], file_ids: Collection[str]) -> None:
    connection.execute(file_batches.insert().values(values))
    rows = [{"batch_id": values["id"], "file_id": file_id} for file_id in file_ids]
    connection.execute(file_batch_files.insert(), rows)


def batch_row(connection: Connection, vector_store_id: str, batch_id: str) -> dict[str, Any]:
    """The row of a batch of this store; raises ApiError 404."""
    statement = sa.select(file_batches).where(
        file_batches.c.id == batch_id, file_batches.c.vector_store_id == vector_store_id
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found("file batch", batch_id)
    return dict(row)


def cancel_batch(connection: Connection, vector_store_id: str, batch_id: str) -> None:
    """Its files that are not done are taken from the queue."""
    batch = sa.select(file_batch_files.c.file_id).where(file_batch_files.c.batch_id == batch_id)
    waiting = _columns.vector_store_id == vector_store_id, _columns.status == "in_progress"
    connection.execute(
        vector_store_files.update().where(*waiting, _columns.file_id.in_(batch)).values(status="cancelled")
    )
    connection.execute(file_batches.update().where(file_batches.c.id == batch_id).values(cancelled=1))


def batch_object(connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol's `vector_store.files_batch`."""
    statement = (
        sa.select(_columns.status, sa.func.count())
        .join(file_batch_files, file_batch_files.c.file_id == _columns.file_id)
        .where(file_batch_files.c.batch_id == row["id"], _columns.vector_store_id == row["vector_store_id"])
        .group_by(_columns.status)
    )
    counts = file_counts(dict(connection.execute(statement).tuples().all()))
    status = "in_progress" if counts["in_progress"] else "completed"
    return {
        "id": row["id"],
        "object": "vector_store.files_batch",
        "created_at": row["created_at"],
        "vector_store_id": row["vector_store_id"],
        "status": "cancelled" if row["cancelled"] else status,
        "file_counts": counts,
    }


def store_file_object(row: Mapping[str, Any], extension: FileExtension) -> dict[str, Any]:
    """The protocol's `vector_store.file`, with our extension under `deskside`."""
    return {
        "id": row["file_id"],
        "object": "vector_store.file",
        "created_at": row["created_at"],
        "vector_store_id": row["vector_store_id"],
        "status": row["status"],
        "last_error": row["last_error"],
        "usage_bytes": row["usage_bytes"],
        "chunking_strategy": row["chunking_strategy"],
        "attributes": row["attributes"],
        "deskside": extension.model_dump(),
    }
