"""The rules of assistants: what one has that was given nothing, and what a modification changes."""

import time
from typing import Any

from desktop_app.documents.tool_resources import resolve_resources
from desktop_app.store.assistants import assistant_row, insert_assistant, update_assistant
from desktop_app.store.database import Connection
from desktop_app.wire.ids import ASSISTANT, new_id

_DEFAULTS = {"tools": [], "metadata": {}, "temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
"""Also what a field gets that is cleared with null."""


def create_assistant(connection: Connection, params: dict[str, Any]) -> dict[str, Any]:
    """A new assistant as its row; the caller wakes the ingestion. Raises ApiError for unknown files and stores."""
    values = {**_DEFAULTS, **params, "id": new_id(ASSISTANT), "created_at": int(time.time())}
    values["tool_resources"] = resolve_resources(connection, params.get("tool_resources"), values["tools"])
    insert_assistant(connection, values)
    return assistant_row(connection, values["id"])


def modify_assistant(connection: Connection, assistant_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change the fields that are present; null clears, tools and each branch of the resources are replaced whole."""
    row = assistant_row(connection, assistant_id)
    values = {name: _DEFAULTS.get(name) if value is None else value for name, value in changes.items()}
    if "tools" in changes or "tool_resources" in changes:
        resources = merge_resources(row["tool_resources"], changes)
        values["tool_resources"] = resolve_resources(connection, resources, values.get("tools", row["tools"]))
    update_assistant(connection, assistant_id, values)
    return assistant_row(connection, assistant_id)


def merge_resources(present: dict[str, Any] | None, changes: dict[str, Any]) -> dict[str, Any]:
    """`tool_resources` after a modification: absent leaves them, null empties them, a branch replaces its like."""
    given = changes.get("tool_resources", {})
    return {} if given is None else {**(present or {}), **given}
