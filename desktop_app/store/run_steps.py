"""Run steps: what a run did, one row per message written or group of tool calls."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.paging import Page, PageQuery, read_page
from desktop_app.store.tables import run_steps
from desktop_app.store.token_usage import shown_usage, usage_details
from desktop_app.wire.errors import not_found
from desktop_app.wire.extensions import RunStepExtension
from desktop_app.wire.ids import STEP, new_id

RESULT_CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
"""The value of `include[]` that asks for the text of search results."""

PassageText = Callable[[dict[str, Any]], str]
"""Reads the text of a stored search result ({file_id, file_name, score, start, end}); "" when the file is gone."""


_INSERT = run_steps.insert().returning(run_steps)
_UPDATE = run_steps.update().where(run_steps.c.id == sa.bindparam("step")).returning(run_steps)
_OF_RUN = sa.select(run_steps).where(run_steps.c.run_id == sa.bindparam("run")).order_by(run_steps.c.seq)


def insert_step(connection: Connection, values: dict[str, Any]) -> dict[str, Any]:
    """A new step as its row; `values` are columns of the table."""
    return dict(connection.execute(_INSERT, {"id": new_id(STEP), **values}).mappings().one())


def update_step(connection: Connection, step_id: str, **values: Any) -> dict[str, Any]:
    """Change a step that is there; answers its row."""
    return dict(connection.execute(_UPDATE, {"step": step_id, **values}).mappings().one())


def step_row(connection: Connection, run_id: str, step_id: str) -> dict[str, Any]:
    """The row of a step of this run; raises ApiError 404."""
    statement = sa.select(run_steps).where(run_steps.c.id == step_id, run_steps.c.run_id == run_id)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise not_found("run step", step_id)
    return dict(row)


def step_page(connection: Connection, run_id: str, query: PageQuery) -> Page:
    return read_page(connection, run_steps, query, run_steps.c.run_id == run_id)


def all_steps(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rows of a run's steps, oldest first."""
    return [dict(row) for row in connection.execute(_OF_RUN, {"run": run_id}).mappings()]


def open_steps(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """Those that are not ended."""
    return [row for row in all_steps(connection, run_id) if row["status"] == "in_progress"]


def step_object(row: dict[str, Any] | sa.RowMapping, passage_text: PassageText | None = None) -> dict[str, Any]:
    """The protocol's `thread.run.step`, with our extension under `deskside`.

    A search is stored with the arguments that the model gave it, which the protocol does not show. Its results are
    stored as places in documents, never as text, so that a deleted document leaves none here; `passage_text` is given
    when the client asked for the results' content.
    """
    usage = row["usage"] if row["status"] != "in_progress" else None
    extension = RunStepExtension(reasoning=row["reasoning"], usage=usage_details(usage))
    return {
        "id": row["id"],
        "object": "thread.run.step",
        "created_at": row["created_at"],
        "run_id": row["run_id"],
        "assistant_id": row["assistant_id"],
        "thread_id": row["thread_id"],
        "type": row["type"],
        "status": row["status"],
        "step_details": _details(row["step_details"], passage_text),
        "last_error": row["last_error"],
        "expires_at": None,
        "expired_at": row["expired_at"],
        "cancelled_at": row["cancelled_at"],
        "failed_at": row["failed_at"],
        "completed_at": row["completed_at"],
        "metadata": row["metadata"] or {},
        "usage": shown_usage(usage),
        "deskside": extension.model_dump(),
    }


def _details(details: dict[str, Any], passage_text: PassageText | None) -> dict[str, Any]:
    if details["type"] != "tool_calls":
        return details
    return {**details, "tool_calls": [_call(call, passage_text) for call in details["tool_calls"]]}


def _call(call: dict[str, Any], passage_text: PassageText | None) -> dict[str, Any]:
    if call["type"] != "file_search":
        return call
    results = [_result(result, passage_text) for result in call["file_search"]["results"]]
    return {"id": call["id"], "type": call["type"], "file_search": {**call["file_search"], "results": results}}


def _result(result: dict[str, Any], passage_text: PassageText | None) -> dict[str, Any]:
    shown = {name: result[name] for name in ("file_id", "file_name", "score")}
    if passage_text is not None:
        shown["content"] = [{"type": "text", "text": passage_text(result)}]
    return shown
