"""Typed calls for where answers come from: providers, which model answers which name, and local models."""

from typing import Any
from urllib.parse import quote

from openai import AsyncOpenAI
from pydantic import BaseModel

from desktop_app.client.errors import readable_errors
from desktop_app.wire.models import (
    ConnectionTest,
    FoundServer,
    FoundServers,
    LocalModel,
    LocalModels,
    LocalOptions,
    ModelExtension,
    Provider,
    ProviderChange,
    ProviderList,
    Routing,
)

TEST_TIMEOUT_S = 90.0
"""A server that loads a model first may take so long to answer a test."""


class ModelEntry(BaseModel):
    """A row of `GET /v1/models`; `deskside` is None where a service tells nothing about it."""

    id: str
    deskside: ModelExtension | None = None


class Models:
    """Every method raises ServiceLostError or RefusedError, with a message for people."""

    def __init__(self, openai: AsyncOpenAI) -> None:
        self._openai = openai

    async def models(self, *, refresh: bool = False) -> list[ModelEntry]:
        """Every model that can be asked; `refresh` asks the providers again instead of what they said last."""
        query = {"refresh": "true"} if refresh else {}
        answer = await self._get("/models", query)
        return [ModelEntry.model_validate(each) for each in answer["data"]]

    async def who_answers(self, name: str) -> ModelExtension:
        """Where a question to the model `name` would go now, whatever kind of name it is."""
        answer = await self._get("/deskside/routing/answer", {"model": name})
        return ModelExtension.model_validate(answer)

    async def routing(self) -> Routing:
        return Routing.model_validate(await self._get("/deskside/routing"))

    async def set_routing(self, routing: Routing) -> Routing:
        return Routing.model_validate(await self._put("/deskside/routing", routing.model_dump()))

    # Providers

    async def providers(self) -> ProviderList:
        return ProviderList.model_validate(await self._get("/deskside/providers"))

    async def set_provider(self, provider_id: str, change: ProviderChange) -> Provider:
        answer = await self._put(f"/deskside/providers/{quote(provider_id)}", _with_key(change))
        return Provider.model_validate(answer)

    async def delete_provider(self, provider_id: str) -> None:
        await self._delete(f"/deskside/providers/{quote(provider_id)}")

    async def test_provider(self, change: ProviderChange, provider_id: str | None = None) -> ConnectionTest:
        """Try a provider before it is kept; without a key in `change`, with the one that `provider_id` has."""
        body = _with_key(change) | ({"id": provider_id} if provider_id else {})
        answer = await self._post("/deskside/providers/test", body, TEST_TIMEOUT_S)
        return ConnectionTest.model_validate(answer)

    async def found_servers(self) -> list[FoundServer]:
        """Model servers that run on the service's machine and are not set up yet."""
        return FoundServers.model_validate(await self._get("/deskside/providers/found")).data

    # Local models

    async def local(self) -> LocalModels:
        return LocalModels.model_validate(await self._get("/deskside/local-models"))

    async def add_local(self, path: str) -> LocalModel:
        """A .gguf file of the service's machine, by its path."""
        return LocalModel.model_validate(await self._post("/deskside/local-models", {"path": path}))

    async def delete_local(self, model_id: str) -> None:
        await self._delete(f"/deskside/local-models/{quote(model_id)}")

    async def set_local_options(self, model_id: str, options: LocalOptions) -> LocalModel:
        path = f"/deskside/local-models/{quote(model_id)}/options"
        return LocalModel.model_validate(await self._put(path, options.model_dump()))

    async def download(self, catalogue_id: str) -> None:
        await self._post("/deskside/local-models/downloads", {"id": catalogue_id})

    async def cancel_download(self, catalogue_id: str) -> None:
        await self._delete(f"/deskside/local-models/downloads/{quote(catalogue_id)}")

    async def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        with readable_errors():
            return await self._openai.get(path, cast_to=object, options={"params": query} if query else {})

    async def _put(self, path: str, body: dict[str, Any]) -> Any:
        with readable_errors():
            return await self._openai.put(path, cast_to=object, body=body)

    async def _post(self, path: str, body: dict[str, Any], seconds: float | None = None) -> Any:
        with readable_errors():
            return await self._openai.post(
                path, cast_to=object, body=body, options={"timeout": seconds} if seconds else {}
            )

    async def _delete(self, path: str) -> None:
        with readable_errors():
            await self._openai.delete(path, cast_to=object)


def _with_key(change: ProviderChange) -> dict[str, Any]:
    """The body with the key in plain: it goes to our own service only."""
    key = change.key.get_secret_value() if change.key is not None else None
    return change.model_dump(exclude={"key"}) | {"key": key}
