"""/vector_stores/{vector_store_id}/files"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.documents import stores
from desktop_app.documents.progress import shown_files
from desktop_app.service.requests import Body, InRooms, Json, Query, deleted, page_query, pollable
from desktop_app.service.rooms import Rooms
from desktop_app.store import store_files as rows
from desktop_app.store.database import Connection
from desktop_app.store.documents import read_text
from desktop_app.store.paging import as_list
from desktop_app.store.vector_stores import store_row
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/vector_stores/{vector_store_id}/files", tags=["vector store files"])


@router.post("")
def create(rooms: InRooms, vector_store_id: str, body: Annotated[Json, Depends(Body("FileCreateParams"))]) -> Json:
    with rooms.database.write() as connection:
        store_row(connection, vector_store_id)
        stores.add_files(connection, vector_store_id, [body])
        file = _object(rooms, connection, vector_store_id, body["file_id"])
    rooms.ingestion.wake()
    rooms.publish(Change(kind="vector_store_file", id=file["id"], parent_id=vector_store_id, action="created"))
    return file


@router.get("")
def list_all(rooms: InRooms, vector_store_id: str, query: Annotated[Json, Depends(Query("FileListParams"))]) -> Json:
    with rooms.database.read() as connection:
        store_row(connection, vector_store_id)
        page = rows.store_file_page(connection, vector_store_id, page_query(query), query.get("filter"))
        return as_list(shown_files(connection, page.rows, rooms.ingestion.progress), page.has_more)


@router.get("/{file_id}", dependencies=[Depends(pollable)])
def retrieve(rooms: InRooms, vector_store_id: str, file_id: str) -> Json:
    with rooms.database.read() as connection:
        store_row(connection, vector_store_id)
        return _object(rooms, connection, vector_store_id, file_id)


@router.post("/{file_id}")
def modify(
    rooms: InRooms,
    vector_store_id: str,
    file_id: str,
    body: Annotated[Json, Depends(Body("FileUpdateParams", without=["vector_store_id"], modifies=True))],
) -> Json:
    with rooms.database.write() as connection:
        store_row(connection, vector_store_id)
        row = rows.store_file_row(connection, vector_store_id, file_id)
        rows.update_store_file(connection, row["seq"], {"attributes": body["attributes"] or {}})
        file = _object(rooms, connection, vector_store_id, file_id)
    rooms.publish(Change(kind="vector_store_file", id=file_id, parent_id=vector_store_id))
    return file


@router.delete("/{file_id}")
def delete(rooms: InRooms, vector_store_id: str, file_id: str) -> Json:
    with rooms.database.write() as connection:
        store_row(connection, vector_store_id)
        stores.remove_file(connection, vector_store_id, file_id)
    rooms.erase([vector_store_id])
    rooms.publish(Change(kind="vector_store_file", id=file_id, parent_id=vector_store_id, action="deleted"))
    return deleted(file_id, "vector_store.file.deleted")


@router.get("/{file_id}/content")
def content(rooms: InRooms, vector_store_id: str, file_id: str) -> Json:
    """The text that was read from the file, in one part."""
    with rooms.database.read() as connection:
        store_row(connection, vector_store_id)
        rows.store_file_row(connection, vector_store_id, file_id)
        text = read_text(connection, file_id)
    data = [] if text is None else [{"type": "text", "text": text}]
    return {"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None}


def _object(rooms: Rooms, connection: Connection, vector_store_id: str, file_id: str) -> Json:
    row = rows.store_file_row(connection, vector_store_id, file_id)
    return shown_files(connection, [row], rooms.ingestion.progress)[0]
