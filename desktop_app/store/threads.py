"""Threads: their rows, what a list of them shows, and the object the protocol shows of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import ACTIVE_RUN, messages, runs, threads
from desktop_app.wire.errors import not_found
from desktop_app.wire.extensions import ThreadExtension

_BY_ID = sa.select(threads).where(threads.c.id == sa.bindparam("thread"))
_INSERT = threads.insert()
_UPDATE = threads.update().where(threads.c.id == sa.bindparam("thread"))


def insert_thread(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(_INSERT, values)


def thread_row(connection: Connection, thread_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = connection.execute(_BY_ID, {"thread": thread_id}).mappings().first()
    if row is None:
        raise not_found("thread", thread_id)
    return dict(row)


def thread_page(connection: Connection, query: PageQuery) -> Page:
    """Threads by their last activity."""
    return read_page(connection, threads, query, order_by=(threads.c.last_active_at, threads.c.seq))


def update_thread(connection: Connection, thread_id: str, values: dict[str, Any]) -> None:
    if values:
        connection.execute(_UPDATE, {"thread": thread_id, **values})


def delete_thread(connection: Connection, thread_id: str) -> None:
    """Its messages, runs and steps go with it. Raises ApiError 404."""
    if not connection.execute(threads.delete().where(threads.c.id == thread_id)).rowcount:
        raise not_found("thread", thread_id)


def thread_object(row: Mapping[str, Any], extension: ThreadExtension) -> dict[str, Any]:
    """The protocol's `thread`, with our extension under `deskside`."""
    return {
        "id": row["id"],
        "object": "thread",
        "created_at": row["created_at"],
        "tool_resources": row["tool_resources"],
        "metadata": row["metadata"],
        "deskside": extension.model_dump(),
    }


def thread_objects(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The objects of several threads, with what a list shows of each."""
    ids = [row["id"] for row in rows]
    counted = sa.select(messages.c.thread_id, sa.func.count()).where(messages.c.thread_id.in_(ids))
    counts: dict[str, int] = dict(connection.execute(counted.group_by(messages.c.thread_id)).tuples().all())
    newest = sa.select(sa.func.max(runs.c.seq)).where(runs.c.thread_id.in_(ids)).group_by(runs.c.thread_id)
    last = sa.select(runs.c.thread_id, runs.c.assistant_id).where(runs.c.seq.in_(newest))
    assistants = dict(connection.execute(last).tuples().all())
    running = sa.select(runs.c.thread_id, runs.c.id).where(runs.c.thread_id.in_(ids), sa.text(ACTIVE_RUN))
    active = dict(connection.execute(running).tuples().all())
    return [
        thread_object(
            row,
            ThreadExtension(
                title=row["title"],
                message_count=counts.get(row["id"], 0),
                last_active_at=row["last_active_at"],
                assistant_id=assistants.get(row["id"]),
                active_run_id=active.get(row["id"]),
            ),
        )
        for row in rows
    ]
