"""Threads and what people say in them: creating both, and what an attachment does to its thread."""

import re
import time
from typing import Any

from desktop_app.documents.stores import add_files, create_thread_store
from desktop_app.documents.tool_resources import resolve_resources
from desktop_app.runs.assistants import merge_resources
from desktop_app.store.database import Connection
from desktop_app.store.files import require_files
from desktop_app.store.messages import insert_message
from desktop_app.store.runs import active_run
from desktop_app.store.threads import insert_thread, thread_row, update_thread
from desktop_app.wire.errors import ApiError, invalid_value
from desktop_app.wire.ids import MESSAGE, THREAD, new_id
from desktop_app.wire.limits import CODE_INTERPRETER_FILES

TITLE_CHARS = 80

_IMAGE_URL = re.compile(r"https?://[^/\s]|data:image/", re.IGNORECASE)


def create_thread(connection: Connection, params: dict[str, Any]) -> str:
    """A new thread with its first messages; answers its id. The caller wakes the ingestion afterwards."""
    now = int(time.time())
    thread_id = new_id(THREAD)
    values = {
        "id": thread_id,
        "created_at": now,
        "last_active_at": now,
        "metadata": params.get("metadata") or {},
        "tool_resources": resolve_resources(connection, params.get("tool_resources")),
    }
    insert_thread(connection, values)
    for number, message in enumerate(params.get("messages") or ()):
        add_message(connection, thread_id, message, f"messages[{number}].")
    return thread_id


def modify_thread(connection: Connection, thread_id: str, changes: dict[str, Any]) -> None:
    """Change metadata and tool resources as far as they are present; null clears."""
    row = thread_row(connection, thread_id)
    values: dict[str, Any] = {}
    if "metadata" in changes:
        values["metadata"] = changes["metadata"] or {}
    if "tool_resources" in changes:
        values["tool_resources"] = resolve_resources(connection, merge_resources(row["tool_resources"], changes))
    update_thread(connection, thread_id, values)


def add_message(connection: Connection, thread_id: str, params: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Append a message of a client; answers its row. The caller wakes the ingestion afterwards.

    `path` leads to the message in the request, for errors: "additional_messages[0].". Raises ApiError: 404 for an
    unknown thread or file, 400 for an empty message and while a run holds the thread.
    """
    thread = thread_row(connection, thread_id)
    run_id = active_run(connection, thread_id)
    if run_id is not None:
        raise ApiError(f"Can't add messages to {thread_id} while a run {run_id} is active.")
    content = _content(connection, params["content"], path)
    attachments = params.get("attachments") or []
    now = int(time.time())
    changes = _attach(connection, thread, attachments, path)
    title = thread["title"] or (_title(content) if params["role"] == "user" else "")
    update_thread(connection, thread_id, {**changes, "title": title, "last_active_at": now})
    values = {
        "id": new_id(MESSAGE),
        "created_at": now,
        "thread_id": thread_id,
        "role": params["role"],
        "status": "completed",
        "content": content,
        "attachments": attachments,
        "metadata": params.get("metadata") or {},
        "completed_at": now,
    }
    return insert_message(connection, values)


def _content(connection: Connection, given: str | list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """Content as it is answered: text parts carry a value and annotations, images a `detail`."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": given}] if isinstance(given, str) else given
    if not parts or all(part["type"] == "text" and not part["text"] for part in parts):
        raise invalid_value("Message content must not be empty.", f"{path}content")
    shown: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        kind: str = part["type"]
        if kind == "text":
            shown.append({"type": "text", "text": {"value": part["text"], "annotations": []}})
        else:
            if kind == "image_url" and not _IMAGE_URL.match(part[kind]["url"]):
                raise invalid_value(
                    "An image's address begins with https://, http:// or data:image/.",
                    f"{path}content[{number}].image_url.url",
                )
            shown.append({"type": kind, kind: {"detail": "auto", **part[kind]}})
    images = [part["image_file"]["file_id"] for part in parts if part["type"] == "image_file"]
    require_files(connection, images)
    return shown


def _attach(
    connection: Connection, thread: dict[str, Any], attachments: list[dict[str, Any]], path: str
) -> dict[str, Any]:
    """What the attachments change in the thread: files for search go into its store, others into its sandbox."""
    for number, attachment in enumerate(attachments):
        if "file_id" not in attachment:
            param = f"{path}attachments[{number}].file_id"
            raise ApiError(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")
    require_files(connection, [attachment["file_id"] for attachment in attachments])
    for_search = _files_for(attachments, "file_search")
    for_code = _files_for(attachments, "code_interpreter")
    resources = dict(thread["tool_resources"] or {})
    if for_search:
        stores = (resources.get("file_search") or {}).get("vector_store_ids") or [create_thread_store(connection)]
        resources["file_search"] = {"vector_store_ids": stores}
        add_files(connection, stores[0], [{"file_id": file_id} for file_id in for_search])
    if for_code:
        present = (resources.get("code_interpreter") or {}).get("file_ids") or []
        file_ids = list(dict.fromkeys([*present, *for_code]))
        if len(file_ids) > CODE_INTERPRETER_FILES:
            raise ApiError(
                f"A thread may have {CODE_INTERPRETER_FILES} files for the code interpreter.",
                param=f"{path}attachments",
                code="array_above_max_length",
            )
        resources["code_interpreter"] = {"file_ids": file_ids}
    return {"tool_resources": resources} if for_search or for_code else {}


def _files_for(attachments: list[dict[str, Any]], tool: str) -> list[str]:
    return [
        attachment["file_id"]
        for attachment in attachments
        if any(each["type"] == tool for each in attachment.get("tools") or ())
    ]


def _title(content: list[dict[str, Any]]) -> str:
    words = " ".join(" ".join(part["text"]["value"] for part in content if part["type"] == "text").split())
    return words if len(words) <= TITLE_CHARS else words[: TITLE_CHARS - 1].rstrip() + "…"
