"""/models: the provider's models, else the built-in reader."""

from fastapi import APIRouter

from desktop_app.models.base import ModelError
from desktop_app.service.requests import InRooms, Json
from desktop_app.wire.errors import SERVER_ERROR, ApiError

router = APIRouter(prefix="/models", tags=["models"])


@router.get("")
async def list_all(rooms: InRooms) -> Json:
    try:
        models = await rooms.models.list_models()
    except ModelError as error:
        raise ApiError(error.message, status=502, type=SERVER_ERROR) from error
    return {"object": "list", "data": models}


@router.get("/{model:path}")
async def retrieve(rooms: InRooms, model: str) -> Json:
    """One model; names may hold slashes."""
    for known in (await list_all(rooms))["data"]:
        if known["id"] == model:
            found: Json = known
            return found
    raise ApiError(f"The model '{model[:200]}' does not exist.", status=404, param="model", code="model_not_found")
