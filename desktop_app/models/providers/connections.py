"""The connections to providers: opened at the first use, anew after a change; what runs goes on over the old one."""

from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.models.providers.address import split_query
from desktop_app.models.remote.endpoint import BEARER, ENVIRONMENT_PLACE, Endpoint
from desktop_app.settings.options import Settings
from desktop_app.settings.provider_keys import HeldKey
from desktop_app.settings.providers import ENVIRONMENT
from desktop_app.wire.models import Provider, Wire

if TYPE_CHECKING:
    from desktop_app.models.remote.model import RemoteModel
    from desktop_app.models.remote.provider import RemoteProvider


class Connections:
    """Belongs to the event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, RemoteProvider] = {}
        self._left: list[RemoteProvider] = []

    def get(self, provider: Provider, key: HeldKey) -> "RemoteProvider":
        """Raises ModelError for an address or a key that can be none."""
        endpoint = self.endpoint(provider, key)
        present = self._open.get(provider.id)
        if present is not None and present.endpoint == endpoint:
            return present
        # The SDK is imported with it, 0.4 s that the reader has no need of.
        from desktop_app.models.remote.patience import Patience
        from desktop_app.models.remote.provider import RemoteProvider

        made = RemoteProvider(endpoint, Patience.of(self._settings))
        if present is not None:
            self._left.append(present)
        self._open[provider.id] = made
        return made

    def endpoint(self, provider: Provider, key: HeldKey) -> Endpoint:
        """Raises ModelError for an address or a key that can be none."""
        from_environment = provider.id == ENVIRONMENT
        base_url, query = (provider.base_url, {}) if from_environment else split_query(provider.base_url)
        return Endpoint(
            base_url,
            key.value.get_secret_value(),
            key_header="api-key" if provider.kind == "azure" else BEARER,
            query=query,
            ca_file=Path(self._settings.ca_file) if self._settings.ca_file else None,
            set_in=ENVIRONMENT_PLACE if from_environment else f"Settings, {provider.name}",
        )

    async def close(self) -> None:
        for each in (*self._open.values(), *self._left):
            await each.close()


def remote_model(provider: "RemoteProvider", wire: Wire, name: str) -> "RemoteModel":
    """The provider's model of this name, spoken to over `wire`."""
    from desktop_app.models.chat.wire import CHAT
    from desktop_app.models.remote.model import RemoteModel
    from desktop_app.models.responses.wire import RESPONSES

    return RemoteModel(provider, {"chat": CHAT, "responses": RESPONSES}[wire], name)
