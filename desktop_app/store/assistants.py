"""Assistants: their rows, and the object the protocol shows of them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import assistants
from desktop_app.wire.errors import not_found

_BY_ID = sa.select(assistants).where(assistants.c.id == sa.bindparam("assistant"))


def insert_assistant(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(assistants.insert().values(values))


def assistant_row(connection: Connection, assistant_id: str) -> dict[str, Any]:
    """The row; raises ApiError 404."""
    row = connection.execute(_BY_ID, {"assistant": assistant_id}).mappings().first()
    if row is None:
        raise not_found("assistant", assistant_id)
    return dict(row)


def assistant_page(connection: Connection, query: PageQuery) -> Page:
    return read_page(connection, assistants, query)


def update_assistant(connection: Connection, assistant_id: str, values: dict[str, Any]) -> None:
    if values:
        connection.execute(assistants.update().where(assistants.c.id == assistant_id).values(values))


def delete_assistant(connection: Connection, assistant_id: str) -> None:
    """Its threads, messages and runs stay. Raises ApiError 404."""
    deleted = connection.execute(assistants.delete().where(assistants.c.id == assistant_id))
    if not deleted.rowcount:
        raise not_found("assistant", assistant_id)


def assistant_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol's `assistant`; what was never given is null or its default, never absent."""
    return {
        "id": row["id"],
        "object": "assistant",
        "created_at": row["created_at"],
        "name": row["name"],
        "description": row["description"],
        "model": row["model"],
        "instructions": row["instructions"],
        "tools": row["tools"],
        "tool_resources": row["tool_resources"],
        "metadata": row["metadata"],
        "temperature": row["temperature"],
        "top_p": row["top_p"],
        "reasoning_effort": row["reasoning_effort"],
        "response_format": row["response_format"],
    }
