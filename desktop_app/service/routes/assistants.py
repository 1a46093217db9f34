"""/assistants"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.runs.assistants import create_assistant, modify_assistant
from desktop_app.service.requests import Body, InRooms, Json, PageParams, Query, deleted, page_query
from desktop_app.store import assistants as rows
from desktop_app.store.paging import as_list
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/assistants", tags=["assistants"])


@router.post("")
def create(rooms: InRooms, body: Annotated[Json, Depends(Body("AssistantCreateParams"))]) -> Json:
    with rooms.database.write() as connection:
        row = create_assistant(connection, body)
    rooms.ingestion.wake()
    rooms.publish(Change(kind="assistant", id=row["id"], action="created"))
    return rows.assistant_object(row)


@router.get("")
def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query(PageParams))]) -> Json:
    with rooms.database.read() as connection:
        page = rows.assistant_page(connection, page_query(query))
    return as_list([rows.assistant_object(row) for row in page.rows], page.has_more)


@router.get("/{assistant_id}")
def retrieve(rooms: InRooms, assistant_id: str) -> Json:
    with rooms.database.read() as connection:
        return rows.assistant_object(rows.assistant_row(connection, assistant_id))


@router.post("/{assistant_id}")
def modify(
    rooms: InRooms, assistant_id: str, body: Annotated[Json, Depends(Body("AssistantUpdateParams", modifies=True))]
) -> Json:
    with rooms.database.write() as connection:
        row = modify_assistant(connection, assistant_id, body)
    rooms.publish(Change(kind="assistant", id=assistant_id))
    return rows.assistant_object(row)


@router.delete("/{assistant_id}")
def delete(rooms: InRooms, assistant_id: str) -> Json:
    with rooms.database.write() as connection:
        rows.delete_assistant(connection, assistant_id)
    rooms.erase()
    rooms.publish(Change(kind="assistant", id=assistant_id, action="deleted"))
    return deleted(assistant_id, "assistant.deleted")
