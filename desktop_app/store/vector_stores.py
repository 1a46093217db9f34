"""Vector stores: their rows, the files in them by status, and the object the protocol shows of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import index_changes, vector_store_files, vector_stores
from desktop_app.wire.errors import not_found

STATUSES = ("in_progress", "completed", "failed", "cancelled")
DAY_S = 86_400


def insert_store(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(vector_stores.insert().values(values))


def store_row(connection: Connection, vector_store_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = connection.execute(sa.select(vector_stores).where(vector_stores.c.id == vector_store_id)).mappings().first()
    if row is None:
        raise not_found("vector store", vector_store_id)
    return dict(row)


def store_page(connection: Connection, query: PageQuery) -> Page:
    return read_page(connection, vector_stores, query)


def update_store(connection: Connection, vector_store_id: str, values: dict[str, Any]) -> None:
    if values:
        connection.execute(vector_stores.update().where(vector_stores.c.id == vector_store_id).values(values))


def delete_store(connection: Connection, vector_store_id: str) -> None:
    """Its chunks and batches go with it; the files stay. Raises ApiError 404."""
    if not connection.execute(vector_stores.delete().where(vector_stores.c.id == vector_store_id)).rowcount:
        raise not_found("vector store", vector_store_id)
    connection.execute(index_changes.delete().where(index_changes.c.vector_store_id == vector_store_id))


def existing_stores(connection: Connection, vector_store_ids: Collection[str]) -> set[str]:
    statement = sa.select(vector_stores.c.id).where(vector_stores.c.id.in_(vector_store_ids))
    return set(connection.execute(statement).scalars())


def touch_stores(connection: Connection, vector_store_ids: Collection[str], now: int) -> None:
    """The stores were used now: their life is counted from here, unless it is over."""
    where = (
        vector_stores.c.id.in_(vector_store_ids),
        sa.or_(vector_stores.c.expires_at.is_(None), vector_stores.c.expires_at > now),
    )
    for row in connection.execute(sa.select(vector_stores).where(*where)).mappings().all():
        values = {"last_active_at": now, "expires_at": expiry(row["expires_after"], now)}
        connection.execute(vector_stores.update().where(vector_stores.c.seq == row["seq"]).values(values))


def expiry(expires_after: Mapping[str, Any] | None, last_active_at: int) -> int | None:
    """When a store expires, in Unix seconds; None: never."""
    return None if expires_after is None else last_active_at + expires_after["days"] * DAY_S


def is_expired(row: Mapping[str, Any], now: int) -> bool:
    return row["expires_at"] is not None and row["expires_at"] <= now


def store_objects(connection: Connection, rows: Sequence[Mapping[str, Any]], now: int) -> list[dict[str, Any]]:
    """The protocol's `vector_store` of each row."""
    table = vector_store_files.c
    statement = (
        sa.select(table.vector_store_id, table.status, sa.func.count(), sa.func.sum(table.usage_bytes))
        .where(table.vector_store_id.in_([row["id"] for row in rows]))
        .group_by(table.vector_store_id, table.status)
    )
    counts: dict[str, dict[str, int]] = {row["id"]: {} for row in rows}
    usage: dict[str, int] = {}
    for store_id, status, count, size in connection.execute(statement):
        counts[store_id][status] = count
        usage[store_id] = usage.get(store_id, 0) + size
    return [_store_object(row, counts[row["id"]], usage.get(row["id"], 0), now) for row in rows]


def file_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """The protocol's `file_counts` for a number of files per status; they add up to `total`."""
    return {status: counts.get(status, 0) for status in STATUSES} | {"total": sum(counts.values())}


def _store_object(row: Mapping[str, Any], counts: Mapping[str, int], usage_bytes: int, now: int) -> dict[str, Any]:
    status = "in_progress" if counts.get("in_progress") else "completed"
    store = {
        "id": row["id"],
        "object": "vector_store",
        "created_at": row["created_at"],
        "name": row["name"],
        "description": row["description"],
        "usage_bytes": usage_bytes,
        "file_counts": file_counts(counts),
        "status": "expired" if is_expired(row, now) else status,
        "expires_at": row["expires_at"],
        "last_active_at": row["last_active_at"],
        "metadata": row["metadata"],
    }
    return store if row["expires_after"] is None else {**store, "expires_after": row["expires_after"]}
