"""Which source of answers a run gets: by the name that it asks for, the routing, and what is set up now."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.models.base import Model, ModelError
from desktop_app.models.providers.address import host_of
from desktop_app.models.providers.connections import Connections
from desktop_app.models.providers.facts import first_choice
from desktop_app.models.providers.lists import ModelLists
from desktop_app.models.providers.registry import Providers
from desktop_app.models.providers.source import ProviderSource
from desktop_app.models.source import THIS_COMPUTER, ListedModel, Listing, Source
from desktop_app.settings.provider_keys import HeldKey
from desktop_app.settings.providers import ENVIRONMENT
from desktop_app.wire.answers import READER_MODEL
from desktop_app.wire.models import ConnectionTest, ModelExtension, Provider, Routing


@dataclass(frozen=True)
class Chosen:
    """Who answers: a source, and its own name for the model."""

    source: Source
    name: str

    @property
    def origin(self) -> dict[str, str]:
        """What a run keeps of it: fields of `wire.extensions.RunExtension`."""
        return {"provider_id": self.source.id, "provider_name": self.source.name, "where": self.source.where}

    async def model(self) -> Model:
        """Raises ModelError."""
        return await self.source.model(self.name)


class ModelChoice:
    """Belongs to the event loop. What is changed in `providers` holds from the next question on."""

    def __init__(self, providers: Providers, reader: Model, others: Sequence[Source] = ()) -> None:
        """`others` are sources besides the reader and the providers, such as the models of this computer."""
        self._providers = providers
        self._reader = _ReaderSource(reader)
        self._others = others
        self._connections = Connections(providers.settings)
        self._lists = ModelLists(providers.data_dir)

    async def choose(self, name: str) -> Chosen:
        """Who answers for the model `name` now; raises ModelError where nobody can, and ApiError for broken settings.

        In this order: the reader by its name; what the routing says of the name; a source's qualified name; the
        environment's provider, which takes every name; the default provider, if it lists the name; the default model.
        """
        sources = await self._sources()
        routing = await asyncio.to_thread(self._providers.routing)
        name = routing.names.get(name, name)
        return self._named(name, sources) or await self._unnamed(name, sources, routing.default_model)

    async def routing(self) -> Routing:
        """As it takes effect: the default model too that nobody has chosen."""
        saved = await asyncio.to_thread(self._providers.routing)
        default = saved.default_model
        if default is None:
            default = await self._first_choice(_provider_sources(await self._sources()))
        return Routing(default_model=default, names=saved.names)

    async def provider_host(self) -> str:
        """Where questions go that name no model of another source; "" when they stay on this machine."""
        sources = await self._sources()
        default_model = (await asyncio.to_thread(self._providers.routing)).default_model
        named = self._named(default_model, sources) if default_model else None
        source = named.source if named is not None else await self._default_source(sources)
        if source is None or source.runs_here or (default_model == "" and source.id != ENVIRONMENT):
            return ""
        return host_of(source.provider.base_url) if isinstance(source, ProviderSource) else ""

    async def reader_answers(self) -> bool:
        """Whether nothing but the reader is set up to answer names that say nothing of a source."""
        if _provider_sources(await self._sources()):
            return False
        return (await self.routing()).default_model in (None, "", READER_MODEL)

    async def list_models(self, *, refresh: bool = False) -> list[dict[str, Any]]:
        """Model objects of `GET /v1/models`: the reader's, then the others'.

        Raises ModelError when the environment's provider does not answer; of others what they said last is listed.
        """
        sources = await self._sources()
        default = await self._default_source(sources)
        listings = await asyncio.gather(*(_listing(source, refresh) for source in sources))
        return [
            _object(source, model, listing, plain=source in (default, self._reader), sources=sources)
            for source, listing in zip(sources, listings, strict=True)
            for model in listing.models
            if model.answers
        ]

    async def find_model(self, name: str) -> dict[str, Any] | None:
        """The object of a model that is listed; the reader's without asking a provider. Raises ModelError."""
        if name == READER_MODEL:
            listing = await self._reader.listing()
            return _object(self._reader, listing.models[0], listing, plain=True, sources=())
        return next((model for model in await self.list_models() if model["id"] == name), None)

    async def who_answers(self, name: str) -> ModelExtension:
        """What `GET /v1/models` would say of the model that a question to `name` reaches now; raises ModelError."""
        chosen = await self.choose(name)
        source = chosen.source
        known = (await source.known() or Listing()) if isinstance(source, ProviderSource) else await source.listing()
        found = next((model for model in known.models if model.name == chosen.name), None)
        if found is None and not isinstance(source, ProviderSource):
            await chosen.model()  # which says why there is none
        return _extension(source, found or ListedModel(chosen.name), known)

    async def try_provider(self, provider: Provider, key: HeldKey, model: str = "") -> ConnectionTest:
        """What becomes of a try of a provider that is not kept."""
        from desktop_app.models.providers.trial import try_provider

        try:
            return await try_provider(provider, self._connections.endpoint(provider, key), model)
        except ModelError as error:
            return ConnectionTest(ok=False, message=error.message)

    def changed(self, provider_id: str) -> None:
        """The provider was set up anew or changed: its models are asked for again."""
        self._lists.forget(provider_id)

    async def removed(self, provider_id: str) -> None:
        """The provider is gone: what it said is forgotten."""
        await self._lists.remove(provider_id)

    async def close(self) -> None:
        await self._connections.close()

    async def _sources(self) -> list[Source]:
        """The reader, the providers in their order with the environment's first, and the others."""
        providers = await asyncio.to_thread(self._providers.addresses)
        of_providers = [ProviderSource(each, self._providers, self._connections, self._lists) for each in providers]
        return [self._reader, *of_providers, *self._others]

    def _named(self, name: str, sources: Iterable[Source]) -> Chosen | None:
        """By a name that says whose it is."""
        if name == READER_MODEL:
            return Chosen(self._reader, name)
        owner, slash, rest = name.partition("/")
        source = next((each for each in sources if each.id == owner), None) if slash and rest else None
        return None if source is None else Chosen(source, rest)

    async def _unnamed(self, name: str, sources: Sequence[Source], default_model: str | None) -> Chosen:
        """By a name that says nothing of the kind, or names somebody who is not there."""
        default = await self._default_source(sources)
        if default is not None:
            if default.id == ENVIRONMENT or await default.lists(name):
                return Chosen(default, name)
            owner, slash, _ = name.partition("/")
            if slash:  # it was meant for somebody: nobody else is sent the question
                raise ModelError(
                    f"No model '{name}' is there: no provider is called '{owner}', and {default.name} does not list "
                    "it. Choose another model for the assistant, or set the provider up in Settings.",
                    "server_error",
                )
            if default_model is None:
                # Where nothing is known of its models, it will say itself which it has.
                default_model = await self._first_choice([default]) or f"{default.id}/{name}"
        if not default_model:
            return Chosen(self._reader, READER_MODEL)
        chosen = self._named(default_model, sources)
        if chosen is None and default is not None and await default.lists(default_model):
            chosen = Chosen(default, default_model)
        if chosen is None:
            raise ModelError(
                f"The default model '{default_model}' is no longer there. Choose another one in Settings.",
                "server_error",
            )
        return chosen

    async def _default_source(self, sources: Sequence[Source]) -> ProviderSource | None:
        """The provider that plain names belong to: the environment's, the default model's, else the first."""
        providers = _provider_sources(sources)
        if not providers or providers[0].id == ENVIRONMENT:
            return providers[0] if providers else None
        default_model = (await asyncio.to_thread(self._providers.routing)).default_model or ""
        owner = default_model.partition("/")[0]
        return next((each for each in providers if each.id == owner), providers[0])

    async def _first_choice(self, providers: Sequence[ProviderSource]) -> str:
        """The default model while nobody has chosen one: the first provider's, "" if it lists none."""
        if not providers or providers[0].id == ENVIRONMENT:
            return ""
        best = first_choice((await _listing(providers[0])).models)
        return f"{providers[0].id}/{best}" if best else ""


class _ReaderSource:
    """The built-in reader as a source."""

    id = "deskside"
    name = "Built-in reader"
    where = THIS_COMPUTER
    runs_here = True

    def __init__(self, reader: Model) -> None:
        self._reader = reader
        self._started = int(time.time())

    async def listing(self, *, refresh: bool = False) -> Listing:
        return Listing([ListedModel(READER_MODEL, self._started, "deskside", calls_tools=False, sees_images=False)])

    async def model(self, _: str) -> Model:
        return self._reader


def _provider_sources(sources: Iterable[Source]) -> list[ProviderSource]:
    return [each for each in sources if isinstance(each, ProviderSource)]


async def _listing(source: Source, refresh: bool = False) -> Listing:
    try:
        return await source.listing(refresh=refresh)
    except ModelError:
        if source.id == ENVIRONMENT:
            raise
        return Listing()


def _object(
    source: Source, model: ListedModel, listing: Listing, *, plain: bool, sources: Iterable[Source]
) -> dict[str, Any]:
    owner, slash, _ = model.name.partition("/")
    mistakable = bool(slash) and any(each.id == owner for each in sources)
    return {
        "id": model.name if plain and not mistakable else f"{source.id}/{model.name}",
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "deskside": _extension(source, model, listing).model_dump(),
    }


def _extension(source: Source, model: ListedModel, listing: Listing) -> ModelExtension:
    return ModelExtension(
        provider_id=source.id,
        provider_name=source.name,
        name=model.name,
        where=source.where,
        runs_here=source.runs_here,
        context_tokens=model.context_tokens,
        input_price=model.input_price,
        output_price=model.output_price,
        sees_images=model.sees_images,
        calls_tools=model.calls_tools,
        is_stale=listing.is_stale,
    )
