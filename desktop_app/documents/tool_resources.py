"""`tool_resources` of assistants and threads: what they name must exist, and stores may be made on the spot."""

from collections.abc import Sequence
from typing import Any

from desktop_app.documents.stores import create_store
from desktop_app.store.database import Connection
from desktop_app.store.files import require_files
from desktop_app.store.vector_stores import existing_stores
from desktop_app.wire.errors import invalid_value, not_found

_LISTS = {"file_search": "vector_store_ids", "code_interpreter": "file_ids"}


def resolve_resources(
    connection: Connection, given: dict[str, Any] | None, tools: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """`given` as it is kept and answered, with an empty list for each of the `tools` that has no resources.

    Raises ApiError for files and stores that don't exist.
    """
    resolved: dict[str, Any] = {}
    for kind, resources in (given or {}).items():
        name = _LISTS[kind]
        ids = list(dict.fromkeys(resources.get(name) or ()))
        if kind == "file_search":
            ids = _stores(connection, ids, resources.get("vector_stores") or ())
        else:
            require_files(connection, ids)
        resolved[kind] = {name: ids}
    for tool in tools:
        if tool["type"] in _LISTS:
            resolved.setdefault(tool["type"], {_LISTS[tool["type"]]: []})
    return resolved


def _stores(connection: Connection, ids: list[str], new: Sequence[dict[str, Any]]) -> list[str]:
    if ids and new:
        raise invalid_value(
            "Give either 'vector_store_ids' or 'vector_stores', not both.", "tool_resources.file_search.vector_stores"
        )
    known = existing_stores(connection, ids)
    for store_id in ids:
        if store_id not in known:
            raise not_found("vector store", store_id)
    return ids or [create_store(connection, params) for params in new]
