"""Models of the scripted provider, as the service uses them, and all that they answer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from desktop_app.models.base import ModelPart, ModelRequest, Turn
from desktop_app.models.chat.wire import CHAT
from desktop_app.models.remote.endpoint import Endpoint
from desktop_app.models.remote.model import RemoteModel
from desktop_app.models.remote.patience import Patience
from desktop_app.models.remote.provider import RemoteProvider
from desktop_app.models.remote.wire import Wire

KEY = "sk-planted-0123456789"
NAME = "gpt-x"


def question(text: str = "Hello?", **fields: Any) -> ModelRequest:
    return ModelRequest(model=NAME, turns=[Turn("user", text)], **fields)


@asynccontextmanager
async def remote_provider(
    base_url: str, patience: Patience | None = None, **endpoint: Any
) -> AsyncIterator[RemoteProvider]:
    """`endpoint` are further fields of its Endpoint."""
    patience = patience or Patience(first_word_s=5.0, silence_s=5.0, retries=0)
    provider = RemoteProvider(Endpoint(base_url, **{"key": KEY} | endpoint), patience)
    try:
        yield provider
    finally:
        await provider.close()


@asynccontextmanager
async def remote_model(
    base_url: str, wire: Wire = CHAT, patience: Patience | None = None, **endpoint: Any
) -> AsyncIterator[RemoteModel]:
    """The model `NAME` of such a provider."""
    async with remote_provider(base_url, patience, **endpoint) as provider:
        yield RemoteModel(provider, wire, NAME)


async def parts_of(model: RemoteModel, request: ModelRequest | None = None) -> Sequence[ModelPart]:
    return [part async for part in model.stream(request or question())]
