"""/deskside/local-models: language models on this machine, the short list of them, and their downloads."""

from pathlib import Path
from typing import Annotated, Required

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from desktop_app.service.requests import Body, InRooms, Json, deleted
from desktop_app.wire.extensions import Change
from desktop_app.wire.models import Download, LocalModel, LocalModels, LocalOptions

router = APIRouter(prefix="/deskside/local-models", tags=["local models"])


class AddParams(TypedDict, total=False):
    """A .gguf file of the machine that the service runs on, by its whole path."""

    path: Required[str]


class DownloadParams(TypedDict, total=False):
    """The id of a model of the catalogue."""

    id: Required[str]


class LocalOptionsParams(TypedDict, total=False):
    """`wire.models.LocalOptions` as a request."""

    context_tokens: int
    threads: int
    gpu_layers: int


@router.get("")
async def overview(rooms: InRooms) -> LocalModels:
    return await rooms.local.overview()


@router.post("")
async def add(rooms: InRooms, body: Annotated[Json, Depends(Body(AddParams))]) -> LocalModel:
    """Add a .gguf file of the disk, which is used where it is."""
    return await rooms.local.add(Path(body["path"]))


@router.delete("/{model_id}")
async def delete(rooms: InRooms, model_id: str) -> Json:
    """Forget a file that was added, which stays where it is; delete one that was downloaded."""
    await rooms.local.remove(model_id)
    rooms.publish(Change(kind="model", id=model_id, action="deleted"))
    return deleted(model_id, "deskside.local_model")


@router.put("/{model_id}/options")
async def set_options(
    rooms: InRooms, model_id: str, body: Annotated[Json, Depends(Body(LocalOptionsParams))]
) -> LocalModel:
    """Replace how a model is run; what is not given is chosen by itself."""
    return await rooms.local.set_options(model_id, LocalOptions(**body))


@router.post("/downloads")
async def download(rooms: InRooms, body: Annotated[Json, Depends(Body(DownloadParams))]) -> Download:
    """Fetch a model of the catalogue into the models folder, or go on where that was cut off."""
    return rooms.local.start_download(body["id"])


@router.delete("/downloads/{catalogue_id}")
async def cancel_download(rooms: InRooms, catalogue_id: str) -> Download:
    """Give a download up, with what came of it."""
    return rooms.local.cancel_download(catalogue_id)
