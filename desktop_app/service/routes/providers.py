"""/deskside/providers and /deskside/routing: where answers come from, and which model answers which name.

What asks files and the keyring may block, and does not run on the event loop.
"""

import asyncio
from typing import Annotated, Required

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from desktop_app.models.base import ModelError
from desktop_app.models.providers.presets import PRESETS
from desktop_app.service.requests import Body, InRooms, Json, Query, deleted
from desktop_app.wire.errors import ApiError
from desktop_app.wire.extensions import Change
from desktop_app.wire.models import (
    ConnectionTest,
    Dialect,
    FoundServers,
    ModelExtension,
    Provider,
    ProviderChange,
    ProviderList,
    Routing,
    Wire,
)

router = APIRouter(prefix="/deskside", tags=["providers"])


class ProviderParams(TypedDict, total=False):
    """`wire.models.ProviderChange` as a request, for the strict checks."""

    name: str
    kind: Dialect
    base_url: Required[str]
    wire: Wire
    key: str


class ProviderTestParams(ProviderParams, total=False):
    """`id`: whose stored key is used when none is given. `model`: which one is asked, if not the one to begin with."""

    id: str
    model: str


class RoutingParams(TypedDict, total=False):
    """`wire.models.Routing` as a request."""

    object: str
    default_model: str
    names: dict[str, str]


class AnswerParams(TypedDict, total=False):
    model: Required[str]


@router.get("/providers")
def list_all(rooms: InRooms) -> ProviderList:
    return ProviderList(data=rooms.providers.all(), presets=list(PRESETS))


@router.put("/providers/{provider_id}")
async def put(rooms: InRooms, provider_id: str, body: Annotated[Json, Depends(Body(ProviderParams))]) -> Provider:
    """Set up a provider, or change it."""
    provider = await asyncio.to_thread(rooms.providers.put, provider_id, ProviderChange.model_validate(body))
    rooms.models.changed(provider_id)
    rooms.publish(Change(kind="model", id=provider_id))
    return provider


@router.post("/providers/test")
async def test(rooms: InRooms, body: Annotated[Json, Depends(Body(ProviderTestParams))]) -> ConnectionTest:
    """Try a provider before it is kept: its list of models, and a question of a few words."""
    provider_id, model = body.pop("id", ""), body.pop("model", "")
    try:
        provider, key = await asyncio.to_thread(
            rooms.providers.on_trial, ProviderChange.model_validate(body), provider_id
        )
    except ApiError as error:
        return ConnectionTest(ok=False, message=error.message)
    return await rooms.models.try_provider(provider, key, model)


@router.get("/providers/found")
async def found(rooms: InRooms) -> FoundServers:
    """Model servers that run on this machine and are not set up yet."""
    from desktop_app.models.providers.discovery import find_servers  # with the SDK, which a start need not wait for

    known = await asyncio.to_thread(rooms.providers.addresses)
    return FoundServers(data=await find_servers(rooms.settings.model_server_ports, known))


@router.delete("/providers/{provider_id}")
async def delete(rooms: InRooms, provider_id: str) -> Json:
    """Remove a provider with its key."""
    await asyncio.to_thread(rooms.providers.remove, provider_id)
    await rooms.models.removed(provider_id)
    rooms.publish(Change(kind="model", id=provider_id, action="deleted"))
    return deleted(provider_id, "deskside.provider")


@router.get("/routing")
async def routing(rooms: InRooms) -> Routing:
    return await rooms.models.routing()


@router.put("/routing")
async def put_routing(rooms: InRooms, body: Annotated[Json, Depends(Body(RoutingParams))]) -> Routing:
    """Without a `default_model` nobody is chosen: the first provider's first model is, once there is one."""
    await asyncio.to_thread(rooms.providers.set_routing, body.get("default_model"), body.get("names", {}))
    rooms.publish(Change(kind="model", id="routing"))
    return await rooms.models.routing()


@router.get("/routing/answer")
async def who_answers(rooms: InRooms, query: Annotated[Json, Depends(Query(AnswerParams))]) -> ModelExtension:
    """Where a question to the model of this name would go now."""
    try:
        return await rooms.models.who_answers(query["model"])
    except ModelError as error:
        raise ApiError(error.message, status=404, param="model", code="model_not_found") from error
