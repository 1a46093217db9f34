"""/models: the built-in reader and all models of the providers. Names may hold slashes."""

from typing import Annotated

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from desktop_app.models.base import ModelError
from desktop_app.service.requests import InRooms, Json, Query
from desktop_app.wire.errors import SERVER_ERROR, ApiError

router = APIRouter(prefix="/models", tags=["models"])


class ModelListParams(TypedDict, total=False):
    """An addition of ours: `refresh` asks the providers again instead of answering what they said last."""

    refresh: bool


@router.get("")
async def list_all(rooms: InRooms, query: Annotated[Json, Depends(Query(ModelListParams))]) -> Json:
    try:
        models = await rooms.models.list_models(refresh=query.get("refresh", False))
        return {"object": "list", "data": models}
    except ModelError as error:
        raise _unreachable(error) from error


@router.get("/{model:path}")
async def retrieve(rooms: InRooms, model: str) -> Json:
    try:
        found = await rooms.models.find_model(model)
    except ModelError as error:
        raise _unreachable(error) from error
    if found is None:
        raise ApiError(f"The model '{model[:200]}' does not exist.", status=404, param="model", code="model_not_found")
    return found


@router.delete("/{model:path}")
async def delete(rooms: InRooms, model: str) -> Json:
    """Refused: the reader is built in, and what a provider keeps is deleted there, by its owner."""
    owner = (await retrieve(rooms, model))["owned_by"]
    raise ApiError(
        f"The model '{model[:200]}' can't be deleted here: it belongs to {owner or 'the provider'}.",
        status=403,
        param="model",
    )


def _unreachable(error: ModelError) -> ApiError:
    return ApiError(error.message, status=502, type=SERVER_ERROR)
