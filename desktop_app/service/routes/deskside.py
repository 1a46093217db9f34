"""/deskside: what Deskside adds to the protocol for its window."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from desktop_app.documents import location, stores
from desktop_app.documents.progress import shown_files
from desktop_app.service.requests import InRooms, Json
from desktop_app.service.sse import event_stream
from desktop_app.store.store_files import store_file_row
from desktop_app.store.vector_stores import store_row
from desktop_app.wire.errors import ApiError
from desktop_app.wire.extensions import Change, PageText, Samples, ServiceStatus

router = APIRouter(prefix="/deskside", tags=["deskside"])


@router.get("/status")
async def status(rooms: InRooms) -> ServiceStatus:
    return await rooms.status()


@router.get("/events")
async def events(rooms: InRooms) -> StreamingResponse:
    """The live feed: an event for each change, until the client leaves or the service ends."""
    return event_stream(rooms.feed.subscribe())


@router.get("/files/{file_id}/pages/{number}")
def page(rooms: InRooms, file_id: str, number: str) -> PageText:
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise ApiError(f"There is no page '{number[:64]}'.", status=404, param="number")
    return location.page_text(rooms.database, file_id, int(number))


@router.post("/samples")
def make_samples(rooms: InRooms) -> Samples:
    """The sample assistant with its documents, made at the first call."""
    samples = rooms.samples.make()
    if samples.created:
        rooms.ingestion.wake()
        for kind, object_id in (("vector_store", samples.vector_store_id), ("assistant", samples.assistant_id)):
            rooms.publish(Change.model_validate({"kind": kind, "id": object_id, "action": "created"}))
    return samples


@router.post("/vector_stores/{vector_store_id}/files/{file_id}/retry")
def retry(rooms: InRooms, vector_store_id: str, file_id: str) -> Json:
    """Read a file again that failed or was cancelled."""
    with rooms.database.write() as connection:
        store_row(connection, vector_store_id)
        stores.retry_file(connection, vector_store_id, file_id)
        row = store_file_row(connection, vector_store_id, file_id)
        file = shown_files(connection, [row], rooms.ingestion.progress)[0]
    rooms.ingestion.wake()
    rooms.publish(Change(kind="vector_store_file", id=file_id, parent_id=vector_store_id))
    return file
