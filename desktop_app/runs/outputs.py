"""What a client answers to a run that waits for the outputs of its functions."""

import time
from collections.abc import Sequence
from typing import Any

from desktop_app.store.database import Connection
from desktop_app.store.run_steps import open_steps, step_object, update_step
from desktop_app.store.runs import run_object, run_row, thread_run_row, update_run
from desktop_app.wire import events
from desktop_app.wire.errors import ApiError
from desktop_app.wire.events import Event


def take_outputs(
    connection: Connection, thread_id: str, run_id: str, outputs: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], list[Event]]:
    """Complete the step with `outputs` and queue the run; answers its row and what to tell.

    `outputs` is the body's `tool_outputs`; an `output` that is not given is empty. Raises ApiError: 404, or 400 when
    the run does not wait for outputs, and when these are not the outputs of all its calls, each once.
    """
    run = thread_run_row(connection, thread_id, run_id)
    if run["status"] != "requires_action":
        raise ApiError(f'Runs in status "{run["status"]}" do not accept tool outputs.')
    expected = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    received = [str(output.get("tool_call_id", "")) for output in outputs]
    if sorted(expected) != sorted(received):
        raise ApiError(f"Expected tool outputs for call_ids {expected}, got {received}.", param="tool_outputs")
    texts = {output["tool_call_id"]: output.get("output", "") for output in outputs}
    told = [_complete(connection, step, texts) for step in open_steps(connection, run_id)]
    update_run(connection, run_id, status="queued", required_action=None)
    run = run_row(connection, run_id)
    return run, [*told, Event(events.RUN_QUEUED, run_object(run))]


def _complete(connection: Connection, step: dict[str, Any], texts: dict[str, str]) -> Event:
    calls = [
        {**call, "function": {**call["function"], "output": texts[call["id"]]}} if call["id"] in texts else call
        for call in step["step_details"]["tool_calls"]
    ]
    details = {"type": "tool_calls", "tool_calls": calls}
    now = int(time.time())
    row = update_step(connection, step["id"], status="completed", completed_at=now, step_details=details)
    return Event(events.STEP_COMPLETED, step_object(row))
