"""/threads; listing them is an extension of ours."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.runs.conversation import create_thread, modify_thread
from desktop_app.service.requests import Body, InRooms, Json, PageParams, Query, deleted, page_query
from desktop_app.service.rooms import Rooms
from desktop_app.store import threads as rows
from desktop_app.store.database import Connection
from desktop_app.store.paging import as_list
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/threads", tags=["threads"])


@router.post("")
def create(rooms: InRooms, body: Annotated[Json, Depends(Body("ThreadCreateParams"))]) -> Json:
    with rooms.database.write() as connection:
        thread_id = create_thread(connection, body)
        thread = _object(connection, thread_id)
    rooms.ingestion.wake()
    rooms.publish(Change(kind="thread", id=thread_id, action="created"))
    return thread


@router.get("")
def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query(PageParams))]) -> Json:
    """Ours: the threads by their last activity, with what a list shows of each under `deskside`."""
    with rooms.database.read() as connection:
        page = rows.thread_page(connection, page_query(query))
        return as_list(rows.thread_objects(connection, page.rows), page.has_more)


@router.get("/{thread_id}")
def retrieve(rooms: InRooms, thread_id: str) -> Json:
    with rooms.database.read() as connection:
        return _object(connection, thread_id)


@router.post("/{thread_id}")
def modify(
    rooms: InRooms, thread_id: str, body: Annotated[Json, Depends(Body("ThreadUpdateParams", modifies=True))]
) -> Json:
    with rooms.database.write() as connection:
        modify_thread(connection, thread_id, body)
        thread = _object(connection, thread_id)
    rooms.publish(Change(kind="thread", id=thread_id))
    return thread


@router.delete("/{thread_id}")
async def delete(rooms: InRooms, thread_id: str) -> Json:
    await rooms.engine.stop_thread(thread_id)
    await asyncio.to_thread(_delete, rooms, thread_id)
    await rooms.engine.stop_thread(thread_id)  # one that began in between
    await rooms.cells.end(thread_id)
    rooms.publish(Change(kind="thread", id=thread_id, action="deleted"))
    return deleted(thread_id, "thread.deleted")


def _delete(rooms: Rooms, thread_id: str) -> None:
    with rooms.database.write() as connection:
        rows.delete_thread(connection, thread_id)
    rooms.erase()


def _object(connection: Connection, thread_id: str) -> Json:
    return rows.thread_objects(connection, [rows.thread_row(connection, thread_id)])[0]
