"""/vector_stores/{vector_store_id}/file_batches"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.documents import stores
from desktop_app.documents.progress import shown_files
from desktop_app.service.requests import Body, InRooms, Json, Query, page_query, pollable
from desktop_app.store import store_files as rows
from desktop_app.store.database import Connection
from desktop_app.store.paging import as_list
from desktop_app.store.vector_stores import store_row
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/vector_stores/{vector_store_id}/file_batches", tags=["vector store file batches"])


@router.post("")
def create(
    rooms: InRooms, vector_store_id: str, body: Annotated[Json, Depends(Body("FileBatchCreateParams"))]
) -> Json:
    with rooms.database.write() as connection:
        batch_id = stores.create_batch(connection, vector_store_id, body)
        batch = _object(connection, vector_store_id, batch_id)
    rooms.ingestion.wake()
    rooms.publish(Change(kind="vector_store", id=vector_store_id))
    return batch


@router.get("/{batch_id}", dependencies=[Depends(pollable)])
def retrieve(rooms: InRooms, vector_store_id: str, batch_id: str) -> Json:
    with rooms.database.read() as connection:
        return _object(connection, vector_store_id, batch_id)


@router.post("/{batch_id}/cancel")
def cancel(rooms: InRooms, vector_store_id: str, batch_id: str) -> Json:
    with rooms.database.write() as connection:
        stores.cancel_batch(connection, vector_store_id, batch_id)
        batch = _object(connection, vector_store_id, batch_id)
    rooms.publish(Change(kind="vector_store", id=vector_store_id))
    return batch


@router.get("/{batch_id}/files")
def list_files(
    rooms: InRooms, vector_store_id: str, batch_id: str, query: Annotated[Json, Depends(Query("FileListParams"))]
) -> Json:
    with rooms.database.read() as connection:
        _object(connection, vector_store_id, batch_id)
        page = rows.store_file_page(connection, vector_store_id, page_query(query), query.get("filter"), batch_id)
        return as_list(shown_files(connection, page.rows, rooms.ingestion.progress), page.has_more)


def _object(connection: Connection, vector_store_id: str, batch_id: str) -> Json:
    store_row(connection, vector_store_id)
    return rows.batch_object(connection, rows.batch_row(connection, vector_store_id, batch_id))
