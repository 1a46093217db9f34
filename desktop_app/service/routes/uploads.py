"""/uploads: files that come in parts"""

from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.service.requests import Body, InRooms, Json
from desktop_app.service.upload import Form, FormFile, safe_name
from desktop_app.wire.errors import invalid_value
from desktop_app.wire.extensions import Change

router = APIRouter(prefix="/uploads", tags=["uploads"])


@router.post("")
def create(rooms: InRooms, body: Annotated[Json, Depends(Body("UploadCreateParams"))]) -> Json:
    if body["purpose"] == "vision" and not body["mime_type"].startswith("image/"):
        raise invalid_value("With purpose 'vision', the MIME type must be one of an image.", "mime_type")
    return rooms.uploads.create(body | {"filename": safe_name(body["filename"])})


@router.post("/{upload_id}/parts")
def add_part(rooms: InRooms, upload_id: str, form: Annotated[FormFile, Depends(Form("data", "PartParams"))]) -> Json:
    return rooms.uploads.add_part(upload_id, form.source)


@router.post("/{upload_id}/complete")
def complete(rooms: InRooms, upload_id: str, body: Annotated[Json, Depends(Body("UploadCompleteParams"))]) -> Json:
    upload = rooms.uploads.complete(upload_id, body["part_ids"], body.get("md5"))
    rooms.publish(Change(kind="file", id=upload["file"]["id"], action="created"))
    return upload


@router.post("/{upload_id}/cancel")
def cancel(rooms: InRooms, upload_id: str) -> Json:
    return rooms.uploads.cancel(upload_id)
