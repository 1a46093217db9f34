"""/assistants"""

import time
from typing import Annotated

from fastapi import APIRouter, Depends
from openai.types.beta.assistant_create_params import AssistantCreateParams
from openai.types.beta.assistant_list_params import AssistantListParams
from openai.types.beta.assistant_update_params import AssistantUpdateParams

from desktop_app.documents.tool_resources import resolve_resources
from desktop_app.service.requests import Body, InRooms, Json, Query, deleted, page_query
from desktop_app.store import assistants as rows
from desktop_app.store.paging import as_list
from desktop_app.wire.extensions import Change
from desktop_app.wire.ids import ASSISTANT, new_id

router = APIRouter(prefix="/assistants", tags=["assistants"])

_DEFAULTS = {"tools": [], "metadata": {}, "temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
"""What an assistant has that was given nothing, or whose field was cleared with null."""


@router.post("")
def create(rooms: InRooms, body: Annotated[Json, Depends(Body(AssistantCreateParams))]) -> Json:
    values = {**_DEFAULTS, **body, "id": new_id(ASSISTANT), "created_at": int(time.time())}
    with rooms.database.write() as connection:
        values["tool_resources"] = resolve_resources(connection, body.get("tool_resources"), values["tools"])
        rows.insert_assistant(connection, values)
        row = rows.assistant_row(connection, values["id"])
    rooms.ingestion.wake()
    rooms.publish(Change(kind="assistant", id=row["id"], action="created"))
    return rows.assistant_object(row)


@router.get("")
def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query(AssistantListParams))]) -> Json:
    with rooms.database.read() as connection:
        page = rows.assistant_page(connection, page_query(query))
    return as_list([rows.assistant_object(row) for row in page.rows], page.has_more)


@router.get("/{assistant_id}")
def retrieve(rooms: InRooms, assistant_id: str) -> Json:
    with rooms.database.read() as connection:
        return rows.assistant_object(rows.assistant_row(connection, assistant_id))


@router.post("/{assistant_id}")
def modify(
    rooms: InRooms, assistant_id: str, body: Annotated[Json, Depends(Body(AssistantUpdateParams, modifies=True))]
) -> Json:
    values = {name: _DEFAULTS.get(name) if value is None else value for name, value in body.items()}
    with rooms.database.write() as connection:
        row = rows.assistant_row(connection, assistant_id)
        if "tools" in body or "tool_resources" in body:
            kept = {} if "tool_resources" in body and body["tool_resources"] is None else row["tool_resources"]
            given = {**kept, **(body.get("tool_resources") or {})}
            values["tool_resources"] = resolve_resources(connection, given, values.get("tools", row["tools"]))
        rows.update_assistant(connection, assistant_id, values)
        row = rows.assistant_row(connection, assistant_id)
    rooms.publish(Change(kind="assistant", id=assistant_id))
    return rows.assistant_object(row)


@router.delete("/{assistant_id}")
def delete(rooms: InRooms, assistant_id: str) -> Json:
    with rooms.database.write() as connection:
        rows.delete_assistant(connection, assistant_id)
    rooms.publish(Change(kind="assistant", id=assistant_id, action="deleted"))
    return deleted(assistant_id, "assistant.deleted")
