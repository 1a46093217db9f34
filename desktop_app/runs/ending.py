"""How a run ends: its open message, its open steps and itself, in one transaction, for every way to end.

Works from the database alone, so that a run left over by a killed service ends as one that is alive does.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop_app.store.answers import open_answers, update_answer
from desktop_app.store.database import Connection
from desktop_app.store.messages import message_object
from desktop_app.store.run_steps import open_steps, step_object, update_step
from desktop_app.store.runs import ACTIVE, run_object, run_row, update_run
from desktop_app.store.threads import update_thread
from desktop_app.wire import events
from desktop_app.wire.events import Event


@dataclass(frozen=True)
class Ending:
    """A way for a run to end, by the statuses of what it leaves (behaviour.md, sections 7 and 9)."""

    status: str
    step_status: str
    message_reason: str | None
    """Why its open message is incomplete; None: the message is complete."""
    message_first: bool = True
    """Whether the message's event comes before the step's."""
    details: dict[str, Any] = field(default_factory=dict)
    """Further columns of the run."""


def completed() -> Ending:
    return Ending("completed", "completed", None)


def incomplete(reason: str) -> Ending:
    """`reason` is max_completion_tokens or max_prompt_tokens."""
    return Ending("incomplete", "completed", "max_tokens", details={"incomplete_details": {"reason": reason}})


def failed(code: str, message: str) -> Ending:
    return Ending("failed", "failed", "run_failed", details={"last_error": {"code": code, "message": message}})


def cancelled() -> Ending:
    return Ending("cancelled", "cancelled", "run_cancelled", message_first=False)


def expired() -> Ending:
    return Ending("expired", "expired", "run_expired")


STOPPED = failed("server_error", "Deskside was stopped while it was answering. Ask again.")
NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

_STEP_ERRORS = ("server_error", "rate_limit_exceeded")
"""A run knows one more: invalid_prompt."""
_TIME_COLUMN = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}
_STEP_TIME_COLUMN = {**_TIME_COLUMN, "expired": "expired_at"}


def end_run(
    connection: Connection,
    run_id: str,
    ending: Ending,
    *,
    only_from: Sequence[str] = ACTIVE,
    usage: dict[str, int] | None = None,
    step_usage: dict[str, int] | None = None,
) -> list[Event]:
    """End the run and everything it has open; the events say so in the protocol's order.

    `usage` and `step_usage` are those of the run and of its open step, where they are more than what is stored.
    Nothing happens (no events) to a run that is gone or has none of the statuses `only_from`.
    """
    now = int(time.time())
    values: dict[str, Any] = {"status": ending.status, "required_action": None, **ending.details}
    if usage is not None:
        values["usage"] = usage
    if ending.status != "expired":
        values["expires_at"] = None
    if column := _TIME_COLUMN.get(ending.status):
        values[column] = now
    if not update_run(connection, run_id, only_from=only_from, **values):
        return []
    messages = _end_messages(connection, run_id, ending, now)
    steps = _end_steps(connection, run_id, ending, now, step_usage)
    run = run_row(connection, run_id)
    update_thread(connection, run["thread_id"], {"last_active_at": now})
    ended = Event(f"thread.run.{ending.status}", run_object(run))
    return [*messages, *steps, ended] if ending.message_first else [*steps, *messages, ended]


def _end_messages(connection: Connection, run_id: str, ending: Ending, now: int) -> list[Event]:
    ended = []
    for row in open_answers(connection, run_id):
        if ending.message_reason is None:
            changes: dict[str, Any] = {"status": "completed", "completed_at": now}
        else:
            details = {"reason": ending.message_reason}
            changes = {"status": "incomplete", "incomplete_at": now, "incomplete_details": details}
        row = update_answer(connection, row["id"], **changes) or row
        name = events.MESSAGE_COMPLETED if ending.message_reason is None else events.MESSAGE_INCOMPLETE
        ended.append(Event(name, message_object(row)))
    return ended


def _end_steps(
    connection: Connection, run_id: str, ending: Ending, now: int, usage: dict[str, int] | None
) -> list[Event]:
    ended = []
    for row in open_steps(connection, run_id):
        changes: dict[str, Any] = {
            "status": ending.step_status,
            _STEP_TIME_COLUMN[ending.step_status]: now,
            "usage": usage or row["usage"] or NO_USAGE,
        }
        usage = None
        if ending.status == "failed":
            error = ending.details["last_error"]
            known = error["code"] in _STEP_ERRORS
            changes["last_error"] = error if known else {**error, "code": "server_error"}
        row = update_step(connection, row["id"], **changes)
        ended.append(Event(f"thread.run.step.{ending.step_status}", step_object(row)))
    return ended
