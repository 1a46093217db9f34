"""/deskside/providers and /deskside/routing: where answers come from, and which model answers which name.

These routes ask files and the keyring, which may block: none of them runs on the event loop.
"""

from typing import Annotated, Required

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from desktop_app.models.providers.presets import PRESETS
from desktop_app.service.requests import Body, InRooms, Json, deleted
from desktop_app.wire.extensions import Change
from desktop_app.wire.models import Dialect, Provider, ProviderChange, ProviderList, Routing, Wire

router = APIRouter(prefix="/deskside", tags=["providers"])


class ProviderParams(TypedDict, total=False):
    """`wire.models.ProviderChange` as a request, for the strict checks."""

    name: str
    kind: Dialect
    base_url: Required[str]
    wire: Wire
    key: str


class RoutingParams(TypedDict, total=False):
    """`wire.models.Routing` as a request."""

    object: str
    default_model: str
    names: dict[str, str]


@router.get("/providers")
def list_all(rooms: InRooms) -> ProviderList:
    return ProviderList(data=rooms.providers.all(), presets=list(PRESETS))


@router.put("/providers/{provider_id}")
def put(rooms: InRooms, provider_id: str, body: Annotated[Json, Depends(Body(ProviderParams))]) -> Provider:
    """Set up a provider, or change it."""
    provider = rooms.providers.put(provider_id, ProviderChange.model_validate(body))
    rooms.publish(Change(kind="model", id=provider_id))
    return provider


@router.delete("/providers/{provider_id}")
def delete(rooms: InRooms, provider_id: str) -> Json:
    """Remove a provider with its key."""
    rooms.providers.remove(provider_id)
    rooms.publish(Change(kind="model", id=provider_id, action="deleted"))
    return deleted(provider_id, "deskside.provider")


@router.get("/routing")
def routing(rooms: InRooms) -> Routing:
    saved = rooms.providers.routing()
    return Routing(default_model=saved.default_model or "", names=saved.names)


@router.put("/routing")
def put_routing(rooms: InRooms, body: Annotated[Json, Depends(Body(RoutingParams))]) -> Routing:
    rooms.providers.set_routing(Routing.model_validate(body))
    rooms.publish(Change(kind="model", id="routing"))
    return routing(rooms)
