"""/threads/{thread_id}/runs, and /threads/runs, which makes a thread for its run."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from desktop_app.service.requests import Body, InRooms, Json, Query, page_query, pollable
from desktop_app.service.rooms import Rooms
from desktop_app.service.sse import event_stream
from desktop_app.store import runs as rows
from desktop_app.store.paging import as_list
from desktop_app.store.threads import thread_row
from desktop_app.wire.errors import invalid_value
from desktop_app.wire.events import COALESCE_HEADER, REASONING_HEADER, RUN_TIMEOUT_HEADER
from desktop_app.wire.extensions import Change
from desktop_app.wire.limits import RUN_LIFETIME_MAX_S

router = APIRouter(prefix="/threads", tags=["runs"])

MAX_COALESCE_MS = 1000

_MAY_BRING_FILES = {"thread", "tool_resources", "additional_messages"}


_Include = Annotated[Json, Depends(Query("StepRetrieveParams", without=["thread_id", "run_id"]))]
_Answer = dict[str, Any] | StreamingResponse


@router.post("/runs", response_model=None)
async def create_thread_and_run(
    rooms: InRooms, request: Request, query: _Include, body: Annotated[Json, Depends(Body("ThreadCreateAndRunParams"))]
) -> _Answer:
    return await _create(rooms.engine.create_with_thread, rooms, request, body, query)


@router.post("/{thread_id}/runs", response_model=None)
async def create(
    rooms: InRooms,
    request: Request,
    thread_id: str,
    query: _Include,
    body: Annotated[Json, Depends(Body("RunCreateParams", without=["include"]))],
) -> _Answer:
    return await _create(partial(rooms.engine.create, thread_id), rooms, request, body, query)


@router.get("/{thread_id}/runs")
def list_all(rooms: InRooms, thread_id: str, query: Annotated[Json, Depends(Query("RunListParams"))]) -> Json:
    with rooms.database.read() as connection:
        thread_row(connection, thread_id)
        page = rows.run_page(connection, thread_id, page_query(query))
    return as_list([_object(rooms, row) for row in page.rows], page.has_more)


@router.get("/{thread_id}/runs/{run_id}", dependencies=[Depends(pollable)])
def retrieve(rooms: InRooms, thread_id: str, run_id: str) -> Json:
    with rooms.database.read() as connection:
        return _object(rooms, rows.thread_run_row(connection, thread_id, run_id))


@router.post("/{thread_id}/runs/{run_id}")
def modify(
    rooms: InRooms,
    thread_id: str,
    run_id: str,
    body: Annotated[Json, Depends(Body("RunUpdateParams", without=["thread_id"], modifies=True))],
) -> Json:
    with rooms.database.write() as connection:
        rows.thread_run_row(connection, thread_id, run_id)
        if "metadata" in body:
            rows.set_run_metadata(connection, run_id, body["metadata"] or {})
        row = rows.thread_run_row(connection, thread_id, run_id)
    rooms.publish(Change(kind="run", id=run_id, parent_id=thread_id))
    return _object(rooms, row)


@router.post("/{thread_id}/runs/{run_id}/submit_tool_outputs", response_model=None)
async def submit_tool_outputs(
    rooms: InRooms,
    request: Request,
    thread_id: str,
    run_id: str,
    body: Annotated[Json, Depends(Body("RunSubmitToolOutputsParams", without=["thread_id"]))],
) -> _Answer:
    run = await asyncio.to_thread(rooms.engine.submit, thread_id, run_id, body["tool_outputs"])
    return await _start(rooms, request, run, body)


@router.post("/{thread_id}/runs/{run_id}/cancel")
async def cancel(rooms: InRooms, thread_id: str, run_id: str) -> Json:
    return await rooms.engine.cancel(thread_id, run_id)


async def _create(create: Callable[..., Json], rooms: Rooms, request: Request, body: Json, query: Json) -> _Answer:
    options = {"include_content": "include" in query, "timeout_s": _timeout_s(request)}
    run = await asyncio.to_thread(create, body, **options)
    if body.keys() & _MAY_BRING_FILES:
        rooms.ingestion.wake()
    return await _start(rooms, request, run, body)


async def _start(rooms: Rooms, request: Request, run: Json, body: Json) -> _Answer:
    """Execute a run that is queued; it goes on whether or not the client stays.

    It begins at once; the client is told when the disk has it, too.
    """
    stream = None
    if body.get("stream"):
        reasoning = request.headers.get(REASONING_HEADER) == "1"
        stream = rooms.engine.stream(run["id"], _coalesce_ms(request), reasoning=reasoning)
    rooms.engine.start(run["id"])
    await asyncio.to_thread(rooms.database.sync)
    return run if stream is None else event_stream(stream)


def _coalesce_ms(request: Request) -> int:
    given = request.headers.get(COALESCE_HEADER, "")
    return min(int(given), MAX_COALESCE_MS) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _timeout_s(request: Request) -> int | None:
    """After how many seconds the run is to expire; None when the request does not say."""
    given = request.headers.get(RUN_TIMEOUT_HEADER)
    if given is None:
        return None
    if given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= RUN_LIFETIME_MAX_S:
        return int(given)
    raise invalid_value(
        f"Invalid '{RUN_TIMEOUT_HEADER}': expected whole seconds from 1 to {RUN_LIFETIME_MAX_S}.", RUN_TIMEOUT_HEADER
    )


def _object(rooms: Rooms, row: dict[str, Any]) -> Json:
    # The engine puts a run away a moment after its end is in the database.
    doing = rooms.engine.status_text(row["id"]) if row["status"] in rows.ACTIVE else ""
    return rows.run_object(row, doing)
