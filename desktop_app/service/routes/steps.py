"""/threads/{thread_id}/runs/{run_id}/steps"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.service.requests import InRooms, Json, Query, page_query
from desktop_app.store import run_steps as rows
from desktop_app.store.paging import as_list
from desktop_app.store.runs import thread_run_row

router = APIRouter(prefix="/threads/{thread_id}/runs/{run_id}/steps", tags=["run steps"])

_PATH = ["thread_id", "run_id"]


@router.get("")
def list_all(
    rooms: InRooms,
    thread_id: str,
    run_id: str,
    query: Annotated[Json, Depends(Query("StepListParams", without=_PATH))],
) -> Json:
    with rooms.database.read() as connection:
        thread_run_row(connection, thread_id, run_id)
        page = rows.step_page(connection, run_id, page_query(query))
    passage_text = rooms.engine.passage_text if "include" in query else None
    return as_list([rows.step_object(row, passage_text) for row in page.rows], page.has_more)


@router.get("/{step_id}")
def retrieve(
    rooms: InRooms,
    thread_id: str,
    run_id: str,
    step_id: str,
    query: Annotated[Json, Depends(Query("StepRetrieveParams", without=_PATH))],
) -> Json:
    with rooms.database.read() as connection:
        thread_run_row(connection, thread_id, run_id)
        row = rows.step_row(connection, run_id, step_id)
    return rows.step_object(row, rooms.engine.passage_text if "include" in query else None)
