"""/files"""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse

from desktop_app.documents.files import NewFile
from desktop_app.service.requests import InRooms, Json, Query, deleted, page_query
from desktop_app.service.upload import Form, FormFile
from desktop_app.store import files as rows
from desktop_app.store.paging import as_list
from desktop_app.wire.errors import ApiError
from desktop_app.wire.extensions import Change
from desktop_app.wire.limits import FILES_PAGE_LIMIT_MAX

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-\d{1,18})")

router = APIRouter(prefix="/files", tags=["files"])


@router.post("")
def create(rooms: InRooms, form: Annotated[FormFile, Depends(Form("file", "UploadParams"))]) -> Json:
    lifetime = form.fields.get("expires_after", {}).get("seconds")
    row = rooms.library.add(NewFile(form.source, form.name, form.fields["purpose"], lifetime))
    rooms.publish(Change(kind="file", id=row["id"], action="created"))
    return rows.file_object(row)


@router.get("")
def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query("FilesListParams"))]) -> Json:
    paging = page_query({"limit": FILES_PAGE_LIMIT_MAX, **query})
    with rooms.database.read() as connection:
        page = rows.file_page(connection, paging, query.get("purpose"))
    return as_list([rows.file_object(row) for row in page.rows], page.has_more)


@router.get("/{file_id}")
def retrieve(rooms: InRooms, file_id: str) -> Json:
    with rooms.database.read() as connection:
        return rows.file_object(rows.file_row(connection, file_id))


@router.get("/{file_id}/content")
def content(rooms: InRooms, request: Request, file_id: str) -> FileResponse:
    """The original bytes; always as a download, so that no browser shows a document as a page of ours."""
    with rooms.database.read() as connection:
        row = rows.file_row(connection, file_id)
    path = rooms.blobs.path(row["sha256"])
    if not path.is_file():
        raise ApiError(
            f"The bytes of '{row['filename']}' are gone from the data folder. Upload it again, or restore a backup.",
            status=404,
        )
    _check_range(request.headers.get("range"), row["bytes"])
    disposition = f"attachment; filename*=utf-8''{quote(row['filename'], safe='')}"
    return FileResponse(path, media_type="application/octet-stream", headers={"content-disposition": disposition})


@router.delete("/{file_id}")
def delete(rooms: InRooms, file_id: str) -> Json:
    gone = rooms.library.delete(file_id)
    rooms.erase(gone.vector_store_ids)
    for store_id in gone.vector_store_ids:
        rooms.publish(Change(kind="vector_store_file", id=file_id, parent_id=store_id, action="deleted"))
    rooms.publish(Change(kind="file", id=file_id, action="deleted"))
    return deleted(file_id, "file")


def _check_range(asked: str | None, size: int) -> None:
    """Raises ApiError 416 for anything but one range that lies in the file."""
    if asked is None:
        return
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    first = int(match[1] or 0) if match else size
    if match is None or first >= size or (match[2] and int(match[2]) < first):
        raise ApiError(f"The range '{asked[:64]}' can't be answered: the file has {size} bytes.", status=416)
