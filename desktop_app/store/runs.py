"""Runs: one row per execution of an assistant on a thread, and the object the protocol shows of it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import ACTIVE_RUN, runs, vector_store_files
from desktop_app.store.threads import thread_row
from desktop_app.store.token_usage import shown_usage, usage_details
from desktop_app.wire.errors import not_found
from desktop_app.wire.extensions import RunExtension
from desktop_app.wire.ids import RUN, new_id

ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")
EXECUTED = ("queued", "in_progress", "cancelling")
"""Where the service itself has something to do; in requires_action only the client has."""


_BY_ID = sa.select(runs).where(runs.c.id == sa.bindparam("run"))
_STATUS = sa.select(runs.c.status).where(runs.c.id == sa.bindparam("run"))
_ACTIVE = sa.select(runs.c.id).where(runs.c.thread_id == sa.bindparam("thread"), runs.c.status.in_(ACTIVE))
_INSERT = runs.insert().returning(runs)
_UPDATE = runs.update().where(
    runs.c.id == sa.bindparam("run"), runs.c.status.in_(sa.bindparam("only_from", expanding=True))
)


class ThreadLockedError(Exception):
    """Another run holds the thread; the database's unique index said so."""


def insert_run(connection: Connection, values: dict[str, Any]) -> dict[str, Any]:
    """A new run as its row; raises ThreadLockedError when the thread has an active one."""
    try:
        return dict(connection.execute(_INSERT, {"id": new_id(RUN), **values}).mappings().one())
    except sa.exc.IntegrityError as error:
        if active_run(connection, values["thread_id"]) is None:
            raise
        raise ThreadLockedError from error


def run_row(connection: Connection, run_id: str) -> dict[str, Any]:
    """The row, with the names of its columns; raises ApiError 404."""
    row = connection.execute(_BY_ID, {"run": run_id}).mappings().first()
    if row is None:
        raise not_found("run", run_id)
    return dict(row)


def run_status(connection: Connection, run_id: str) -> str | None:
    """None for a run that is gone."""
    return connection.execute(_STATUS, {"run": run_id}).scalar()


def thread_run_row(connection: Connection, thread_id: str, run_id: str) -> dict[str, Any]:
    """The row of a run reached through its thread; ApiError 404 also for a run of another thread."""
    thread_row(connection, thread_id)
    row = run_row(connection, run_id)
    if row["thread_id"] != thread_id:
        raise not_found("run", run_id)
    return row


def run_page(connection: Connection, thread_id: str, query: PageQuery) -> Page:
    return read_page(connection, runs, query, runs.c.thread_id == thread_id)


def update_run(connection: Connection, run_id: str, *, only_from: Sequence[str] = ACTIVE, **values: Any) -> bool:
    """Change a run that has one of the statuses `only_from`; False when it had none of them or is gone."""
    return connection.execute(_UPDATE, {"run": run_id, "only_from": only_from, **values}).rowcount == 1


def set_run_metadata(connection: Connection, run_id: str, metadata: dict[str, str]) -> None:
    connection.execute(runs.update().where(runs.c.id == run_id).values(metadata=metadata))


def active_run(connection: Connection, thread_id: str) -> str | None:
    """The id of the run that holds the thread."""
    return connection.execute(_ACTIVE, {"thread": thread_id}).scalar()


def newest_assistant(connection: Connection, thread_id: str) -> str | None:
    """The id of the assistant of the thread's newest run, which may be deleted."""
    statement = sa.select(runs.c.assistant_id).where(runs.c.thread_id == thread_id)
    return connection.execute(statement.order_by(runs.c.seq.desc()).limit(1)).scalar()


def active_runs(connection: Connection) -> list[dict[str, Any]]:
    """All runs that are not ended, oldest first."""
    statement = sa.select(runs).where(sa.text(ACTIVE_RUN)).order_by(runs.c.seq)
    return [dict(row) for row in connection.execute(statement).mappings()]


def next_expiry(connection: Connection) -> tuple[str, int] | None:
    """The run that expires first of all that are not ended, and when."""
    statement = sa.select(runs.c.id, runs.c.expires_at).where(sa.text(ACTIVE_RUN)).order_by(runs.c.expires_at).limit(1)
    row = connection.execute(statement).first()
    return None if row is None else (row.id, row.expires_at)


def count_files(connection: Connection, vector_store_ids: Sequence[str], status: str) -> int:
    """How many files of these stores have `status`."""
    statement = (
        sa.select(sa.func.count())
        .select_from(vector_store_files)
        .where(vector_store_files.c.vector_store_id.in_(vector_store_ids), vector_store_files.c.status == status)
    )
    return int(connection.execute(statement).scalar_one())


def run_object(row: dict[str, Any] | sa.RowMapping, status_text: str = "") -> dict[str, Any]:
    """The protocol's `thread.run`, with our extension under `deskside`."""
    source = row["answer_source"] or {}
    usage = row["usage"] if row["status"] not in ACTIVE else None
    extension = RunExtension(
        answered_by=row["answered_by"], status_text=status_text, usage=usage_details(usage), **source
    )
    return {
        "id": row["id"],
        "object": "thread.run",
        "created_at": row["created_at"],
        "thread_id": row["thread_id"],
        "assistant_id": row["assistant_id"],
        "status": row["status"],
        "required_action": row["required_action"],
        "last_error": row["last_error"],
        "expires_at": row["expires_at"],
        "started_at": row["started_at"],
        "cancelled_at": row["cancelled_at"],
        "failed_at": row["failed_at"],
        "completed_at": row["completed_at"],
        "incomplete_details": row["incomplete_details"],
        "model": row["model"],
        "instructions": row["instructions"],
        "tools": row["tools"] or [],
        "metadata": row["metadata"] or {},
        "usage": shown_usage(usage),
        "temperature": row["temperature"],
        "top_p": row["top_p"],
        "reasoning_effort": row["reasoning_effort"],
        "max_prompt_tokens": row["max_prompt_tokens"],
        "max_completion_tokens": row["max_completion_tokens"],
        "truncation_strategy": row["truncation_strategy"],
        "tool_choice": row["tool_choice"],
        "parallel_tool_calls": bool(row["parallel_tool_calls"]),
        "response_format": row["response_format"],
        "deskside": extension.model_dump(),
    }
