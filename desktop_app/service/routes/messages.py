"""/threads/{thread_id}/messages"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.runs.conversation import add_message
from desktop_app.service.requests import Body, InRooms, Json, Query, deleted, page_query
from desktop_app.store import messages as rows
from desktop_app.store.paging import as_list
from desktop_app.store.threads import thread_row
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/threads/{thread_id}/messages", tags=["messages"])


@router.post("")
def create(rooms: InRooms, thread_id: str, body: Annotated[Json, Depends(Body("MessageCreateParams"))]) -> Json:
    with rooms.database.write() as connection:
        row = add_message(connection, thread_id, body)
    rooms.ingestion.wake()
    rooms.publish(Change(kind="message", id=row["id"], parent_id=thread_id, action="created"))
    return rows.message_object(row)


@router.get("")
def list_all(rooms: InRooms, thread_id: str, query: Annotated[Json, Depends(Query("MessageListParams"))]) -> Json:
    with rooms.database.read() as connection:
        thread_row(connection, thread_id)
        page = rows.message_page(connection, thread_id, page_query(query), query.get("run_id"))
    return as_list([rows.message_object(row) for row in page.rows], page.has_more)


@router.get("/{message_id}")
def retrieve(rooms: InRooms, thread_id: str, message_id: str) -> Json:
    with rooms.database.read() as connection:
        thread_row(connection, thread_id)
        return rows.message_object(rows.message_row(connection, thread_id, message_id))


@router.post("/{message_id}")
def modify(
    rooms: InRooms,
    thread_id: str,
    message_id: str,
    body: Annotated[Json, Depends(Body("MessageUpdateParams", without=["thread_id"], modifies=True))],
) -> Json:
    with rooms.database.write() as connection:
        thread_row(connection, thread_id)
        rows.message_row(connection, thread_id, message_id)
        if "metadata" in body:
            rows.set_message_metadata(connection, message_id, body["metadata"] or {})
        row = rows.message_row(connection, thread_id, message_id)
    rooms.publish(Change(kind="message", id=message_id, parent_id=thread_id))
    return rows.message_object(row)


@router.delete("/{message_id}")
def delete(rooms: InRooms, thread_id: str, message_id: str) -> Json:
    with rooms.database.write() as connection:
        thread_row(connection, thread_id)
        rows.delete_message(connection, thread_id, message_id)
    rooms.erase()
    rooms.publish(Change(kind="message", id=message_id, parent_id=thread_id, action="deleted"))
    return deleted(message_id, "thread.message.deleted")
