"""Messages: their rows, and the object the protocol shows of them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import messages
from desktop_app.wire.errors import not_found

_INSERT = messages.insert().returning(messages)


def insert_message(connection: Connection, values: dict[str, Any]) -> dict[str, Any]:
    """A new message as its row."""
    return dict(connection.execute(_INSERT, values).mappings().one())


def message_row(connection: Connection, thread_id: str, message_id: str) -> dict[str, Any]:
    """The row of a message of this thread; raises ApiError 404, also for a message of another thread."""
    statement = sa.select(messages).where(messages.c.id == message_id, messages.c.thread_id == thread_id)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found("message", message_id)
    return dict(row)


def message_page(connection: Connection, thread_id: str, query: PageQuery, run_id: str | None = None) -> Page:
    """The messages of a thread, or those of one of its runs."""
    where = [messages.c.thread_id == thread_id]
    if run_id is not None:
        where.append(messages.c.run_id == run_id)
    return read_page(connection, messages, query, *where)


def set_message_metadata(connection: Connection, message_id: str, metadata: dict[str, str]) -> None:
    connection.execute(messages.update().where(messages.c.id == message_id).values(metadata=metadata))


def delete_message(connection: Connection, thread_id: str, message_id: str) -> None:
    """Raises ApiError 404."""
    message_row(connection, thread_id, message_id)
    connection.execute(messages.delete().where(messages.c.id == message_id))


def message_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol's `thread.message`."""
    return {
        "id": row["id"],
        "object": "thread.message",
        "created_at": row["created_at"],
        "thread_id": row["thread_id"],
        "status": row["status"],
        "incomplete_details": row["incomplete_details"],
        "completed_at": row["completed_at"],
        "incomplete_at": row["incomplete_at"],
        "role": row["role"],
        "content": row["content"],
        "assistant_id": row["assistant_id"],
        "run_id": row["run_id"],
        "attachments": row["attachments"],
        "metadata": row["metadata"],
    }
