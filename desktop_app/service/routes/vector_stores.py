"""/vector_stores"""

import time
from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.documents import stores
from desktop_app.service.requests import Body, InRooms, Json, PageParams, Query, deleted, page_query, pollable
from desktop_app.store import vector_stores as rows
from desktop_app.store.database import Connection
from desktop_app.store.paging import as_list
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/vector_stores", tags=["vector stores"])


@router.post("")
def create(rooms: InRooms, body: Annotated[Json, Depends(Body("VectorStoreCreateParams"))]) -> Json:
    with rooms.database.write() as connection:
        store_id = stores.create_store(connection, body)
        store = _object(connection, store_id)
    rooms.ingestion.wake()
    rooms.publish(Change(kind="vector_store", id=store_id, action="created"))
    return store


@router.get("")
def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query(PageParams))]) -> Json:
    with rooms.database.read() as connection:
        page = rows.store_page(connection, page_query(query))
        return as_list(rows.store_objects(connection, page.rows, int(time.time())), page.has_more)


@router.get("/{vector_store_id}", dependencies=[Depends(pollable)])
def retrieve(rooms: InRooms, vector_store_id: str) -> Json:
    with rooms.database.read() as connection:
        return _object(connection, vector_store_id)


@router.post("/{vector_store_id}")
def modify(
    rooms: InRooms,
    vector_store_id: str,
    body: Annotated[Json, Depends(Body("VectorStoreUpdateParams", modifies=True))],
) -> Json:
    with rooms.database.write() as connection:
        stores.modify_store(connection, vector_store_id, body)
        store = _object(connection, vector_store_id)
    rooms.publish(Change(kind="vector_store", id=vector_store_id))
    return store


@router.delete("/{vector_store_id}")
def delete(rooms: InRooms, vector_store_id: str) -> Json:
    with rooms.database.write() as connection:
        stores.delete_store(connection, vector_store_id)
    rooms.erase([vector_store_id])
    rooms.publish(Change(kind="vector_store", id=vector_store_id, action="deleted"))
    return deleted(vector_store_id, "vector_store.deleted")


def _object(connection: Connection, vector_store_id: str) -> Json:
    row = rows.store_row(connection, vector_store_id)
    return rows.store_objects(connection, [row], int(time.time()))[0]
