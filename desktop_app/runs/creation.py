"""How a run comes to be: a snapshot of the assistant, the thread and the overrides, in one transaction."""

import time
from typing import Any

from desktop_app.runs.assistants import merge_resources
from desktop_app.runs.conversation import add_message, create_thread
from desktop_app.runs.ending import NO_USAGE
from desktop_app.store.assistants import assistant_row
from desktop_app.store.database import Connection
from desktop_app.store.runs import ThreadLockedError, active_run, insert_run
from desktop_app.store.threads import thread_objects, thread_row
from desktop_app.wire.errors import ApiError

_OVERRIDES = ("model", "tools", "temperature", "top_p", "reasoning_effort", "response_format")
"""What a run may set instead of its assistant; null means not given."""


def create_run(connection: Connection, thread_id: str, params: dict[str, Any], timeout_s: int) -> dict[str, Any]:
    """The new run's row; it expires after `timeout_s`.

    `params` is the validated body of the request. Raises ApiError: 404 for an unknown thread or assistant, 400
    while another run holds the thread.
    """
    thread_row(connection, thread_id)
    assistant = assistant_row(connection, params["assistant_id"])
    now = int(time.time())
    settings = {name: params[name] if params.get(name) is not None else assistant[name] for name in _OVERRIDES}
    values = {
        **settings,
        "thread_id": thread_id,
        "assistant_id": assistant["id"],
        "created_at": now,
        "expires_at": now + timeout_s,
        "status": "queued",
        "instructions": _instructions(assistant, params),
        "metadata": params.get("metadata") or {},
        "response_format": settings["response_format"] or "auto",
        "tool_choice": params.get("tool_choice") or "auto",
        "parallel_tool_calls": params.get("parallel_tool_calls") is not False,
        "truncation_strategy": {"type": "auto", "last_messages": None, **(params.get("truncation_strategy") or {})},
        "max_prompt_tokens": params.get("max_prompt_tokens"),
        "max_completion_tokens": params.get("max_completion_tokens"),
        "usage": NO_USAGE,
    }
    refuse_while_locked(connection, thread_id)
    for number, message in enumerate(params.get("additional_messages") or ()):
        add_message(connection, thread_id, message, f"additional_messages[{number}].")
    try:
        return insert_run(connection, values)
    except ThreadLockedError:  # the index has the last word
        refuse_while_locked(connection, thread_id)
        raise


def create_thread_for_run(connection: Connection, params: dict[str, Any]) -> dict[str, Any]:
    """The new thread's object, for a run that is created next; `params` is the body for both.

    The resources of its thread and those of the run, which are for this thread too, go together.
    """
    thread = params.get("thread") or {}
    resources = merge_resources(params.get("tool_resources"), thread)
    thread_id = create_thread(connection, {**thread, "tool_resources": resources})
    return thread_objects(connection, [thread_row(connection, thread_id)])[0]


def refuse_while_locked(connection: Connection, thread_id: str) -> None:
    """Raise the ApiError 400 that names thread and run while a run holds the thread."""
    run_id = active_run(connection, thread_id)
    if run_id is not None:
        raise ApiError(f"Thread {thread_id} already has an active run {run_id}.")


def _instructions(assistant: dict[str, Any], params: dict[str, Any]) -> str:
    own = params.get("instructions")
    instructions = own if own is not None else assistant["instructions"]
    return "\n\n".join(part for part in (instructions, params.get("additional_instructions")) if part)
