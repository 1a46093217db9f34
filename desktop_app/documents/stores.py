"""The rules of vector stores: what goes in, what comes out, how they expire, and what batches do.

Every function works inside the caller's transaction. Who puts files in wakes the ingestion afterwards; who takes
documents out asks the search index to forget them.
"""

import time
from collections.abc import Sequence
from typing import Any

from desktop_app.store import store_files, vector_stores
from desktop_app.store.database import Connection
from desktop_app.store.documents import record_index_change
from desktop_app.store.files import require_files
from desktop_app.store.tool_resources import forget_mentions
from desktop_app.wire.errors import ApiError, invalid_value
from desktop_app.wire.ids import FILE_BATCH, VECTOR_STORE, new_id
from desktop_app.wire.limits import CHUNK_OVERLAP_DEFAULT, CHUNK_TOKENS_DEFAULT, THREAD_STORE_LIFETIME_DAYS

_AUTO = {
    "type": "static",
    "static": {"max_chunk_size_tokens": CHUNK_TOKENS_DEFAULT, "chunk_overlap_tokens": CHUNK_OVERLAP_DEFAULT},
}
_STARTED = {"status": "in_progress", "last_error": None, "attempts": 0}


def create_store(connection: Connection, params: dict[str, Any]) -> str:
    """A new store, with its first files if any; answers its id. Raises ApiError for unknown files."""
    now = int(time.time())
    expires_after = params.get("expires_after")
    store_id = new_id(VECTOR_STORE)
    values = {
        "id": store_id,
        "created_at": now,
        "name": params.get("name"),
        "description": params.get("description"),
        "metadata": params.get("metadata") or {},
        "expires_after": expires_after,
        "expires_at": vector_stores.expiry(expires_after, now),
        "last_active_at": now,
    }
    vector_stores.insert_store(connection, values)
    chunking = resolve_chunking(params.get("chunking_strategy"))
    add_files(connection, store_id, [_entry(file_id, chunking) for file_id in params.get("file_ids") or ()])
    return store_id


def create_thread_store(connection: Connection) -> str:
    """The store of a thread's attachments; answers its id."""
    return create_store(
        connection, {"expires_after": {"anchor": "last_active_at", "days": THREAD_STORE_LIFETIME_DAYS}}
    )


def modify_store(connection: Connection, store_id: str, changes: dict[str, Any]) -> None:
    """Change the given fields; a null clears. A changed `expires_after` counts from the last use."""
    row = vector_stores.store_row(connection, store_id)
    values: dict[str, Any] = {name: changes[name] for name in ("name", "metadata", "expires_after") if name in changes}
    if "metadata" in values:
        values["metadata"] = values["metadata"] or {}
    if "expires_after" in values:
        values["expires_at"] = vector_stores.expiry(values["expires_after"], row["last_active_at"])
    vector_stores.update_store(connection, store_id, values)


def delete_store(connection: Connection, store_id: str) -> None:
    """The store, its chunks and its batches; the files stay."""
    vector_stores.delete_store(connection, store_id)
    forget_mentions(connection, store_id)


def add_files(connection: Connection, store_id: str, entries: Sequence[dict[str, Any]]) -> list[str]:
    """Put files into a store and into the ingestion queue; answers their ids, each once.

    `entries` are {file_id, attributes?, chunking_strategy?}. A file that is there already stays as it is, apart from
    attributes that are given; it is read again when it had failed, was cancelled, or is to be cut differently.
    """
    now = int(time.time())
    wanted = {entry["file_id"]: entry for entry in entries}
    require_files(connection, wanted)
    present = store_files.store_file_rows(connection, store_id, wanted)
    new = []
    for file_id, entry in wanted.items():
        given = entry.get("chunking_strategy")
        attributes = entry.get("attributes")
        if file_id in present:
            values = {} if attributes is None else {"attributes": attributes}
            _renew(connection, present[file_id], values, None if given is None else resolve_chunking(given))
        else:
            row = {"vector_store_id": store_id, "file_id": file_id, "created_at": now, **_STARTED}
            new.append(row | {"attributes": attributes or {}, "chunking_strategy": resolve_chunking(given)})
    store_files.insert_store_files(connection, new)
    vector_stores.touch_stores(connection, [store_id], now)
    return list(wanted)


def retry_file(connection: Connection, store_id: str, file_id: str) -> None:
    """Read a file again that failed or was cancelled."""
    _renew(connection, store_files.store_file_row(connection, store_id, file_id), {}, None)


def remove_file(connection: Connection, store_id: str, file_id: str) -> None:
    """Take a file out of a store; the file itself stays."""
    store_files.store_file_row(connection, store_id, file_id)
    store_files.delete_store_file(connection, store_id, file_id)
    record_index_change(connection, store_id, file_id)


def create_batch(connection: Connection, store_id: str, params: dict[str, Any]) -> str:
    """Add files as a batch; answers its id. `params` has `file_ids` or `files`, not both."""
    if (params.get("file_ids") is None) == (params.get("files") is None):
        raise invalid_value("Give either 'file_ids' or 'files', not both.", "file_ids")
    if params.get("files") is not None:
        entries = params["files"]
    else:
        common = {name: params.get(name) for name in ("attributes", "chunking_strategy")}
        entries = [{"file_id": file_id, **common} for file_id in params["file_ids"]]
    vector_stores.store_row(connection, store_id)
    file_ids = add_files(connection, store_id, entries)
    batch_id = new_id(FILE_BATCH)
    values = {"id": batch_id, "created_at": int(time.time()), "vector_store_id": store_id}
    store_files.insert_batch(connection, values, file_ids)
    return batch_id


def cancel_batch(connection: Connection, store_id: str, batch_id: str) -> None:
    """Take what is not done from the queue. A batch that is over can't be cancelled: ApiError 400."""
    batch = store_files.batch_object(connection, store_files.batch_row(connection, store_id, batch_id))
    if batch["status"] != "in_progress":
        raise ApiError(f"Cannot cancel file batch '{batch_id}' with status '{batch['status']}'.")
    store_files.cancel_batch(connection, store_id, batch_id)


def refuse_expired(connection: Connection, store_id: str) -> None:
    """Raises ApiError 404 for an unknown store, 400 for one whose time is over."""
    row = vector_stores.store_row(connection, store_id)
    if vector_stores.is_expired(row, int(time.time())):
        raise ApiError(f"Vector store '{store_id}' is expired.")


def resolve_chunking(strategy: dict[str, Any] | None) -> dict[str, Any]:
    """The strategy as it is answered: `auto` is a static one with the default sizes."""
    if strategy is None or strategy["type"] == "auto":
        return _AUTO
    return {"type": "static", "static": dict(strategy["static"])}


def _entry(file_id: str, strategy: dict[str, Any] | None) -> dict[str, Any]:
    return {"file_id": file_id, "chunking_strategy": strategy}


def _renew(
    connection: Connection, row: dict[str, Any], values: dict[str, Any], strategy: dict[str, Any] | None
) -> None:
    if strategy is not None and strategy != row["chunking_strategy"]:
        values |= {"chunking_strategy": strategy, **_STARTED}
    elif row["status"] in ("failed", "cancelled"):
        values |= _STARTED
    store_files.update_store_file(connection, row["seq"], values)
