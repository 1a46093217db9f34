"""A provider as a source of answers."""

import asyncio

from desktop_app.models.base import Model, ModelError
from desktop_app.models.providers.address import host_of
from desktop_app.models.providers.connections import Connections, remote_model
from desktop_app.models.providers.facts import describe
from desktop_app.models.providers.lists import ModelLists
from desktop_app.models.providers.registry import Providers
from desktop_app.models.source import THIS_COMPUTER, ListedModel, Listing
from desktop_app.settings.providers import ENVIRONMENT
from desktop_app.wire.models import Provider


class ProviderSource:
    """As it is set up now; after a change, another one is made. See `models.source.Source`."""

    def __init__(self, provider: Provider, providers: Providers, connections: Connections, lists: ModelLists) -> None:
        self.provider = provider
        self._providers = providers
        self._connections = connections
        self._lists = lists

    @property
    def id(self) -> str:
        return self.provider.id

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def where(self) -> str:
        if self.runs_here:
            return THIS_COMPUTER
        host = host_of(self.provider.base_url)
        return host if self.name == host else f"{self.name} ({host})"

    @property
    def runs_here(self) -> bool:
        return self.provider.runs_here

    async def listing(self, *, refresh: bool = False) -> Listing:
        """The environment's provider is asked each time: it is there for one start of the service."""
        if self.id == ENVIRONMENT:
            return Listing(await self._ask())
        return await self._lists.get(self.provider, self._ask, refresh=refresh)

    async def lists(self, name: str) -> bool:
        """Whether it has a model of this name; it is asked again before it says no. False where it does not answer."""
        known = await self.known()
        if known is not None and any(model.name == name for model in known.models):
            return True
        try:
            return any(model.name == name for model in (await self.listing()).models)
        except ModelError:
            return False

    async def known(self) -> Listing | None:
        """What it said last, without asking."""
        return await self._lists.known(self.provider)

    async def model(self, name: str) -> Model:
        key = await asyncio.to_thread(self._providers.key, self.id)
        return remote_model(self._connections.get(self.provider, key), self.provider.wire, name)

    async def _ask(self) -> list[ListedModel]:
        key = await asyncio.to_thread(self._providers.key, self.id)
        connection = self._connections.get(self.provider, key)
        return await describe(self.provider.kind, connection)
