"""Which source of answers a run gets: the provider that was chosen, else the built-in reader."""

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from desktop_app.models.base import Model, ModelError
from desktop_app.settings.options import Settings
from desktop_app.wire.answers import READER_MODEL

if TYPE_CHECKING:
    from desktop_app.models.remote.provider import RemoteProvider


class ModelChoice:
    """Settings decide once, at the start of the service."""

    def __init__(self, settings: Settings, reader: Model) -> None:
        self._reader = reader
        self._settings = settings
        self._started = int(time.time())

    def model(self, name: str) -> Model:
        """The source that answers for the model `name`; raises ModelError."""
        if not self._settings.provider_url or name == READER_MODEL:
            return self._reader
        wire = self._settings.provider_wire
        if wire != "chat":
            raise ModelError(
                f"The wire '{wire}' can't be spoken yet. Set provider_wire (DESKSIDE_PROVIDER_WIRE) to 'chat'.",
                "server_error",
            )
        from desktop_app.models.chat.wire import CHAT
        from desktop_app.models.remote.model import RemoteModel

        return RemoteModel(self._provider, CHAT, name)

    @property
    def provider_host(self) -> str:
        """Where questions go; "" when they stay on this machine, or when the address is none."""
        try:
            return urlsplit(self._settings.provider_url).hostname or ""
        except ValueError:
            return ""

    async def list_models(self) -> list[dict[str, Any]]:
        """Model objects of `GET /v1/models`: the reader, then the provider's; raises ModelError."""
        return [self._reader_object, *(await self._provider.list_models() if self._settings.provider_url else ())]

    async def find_model(self, name: str) -> dict[str, Any] | None:
        """The object of a model that is listed; the reader's without asking the provider. Raises ModelError."""
        if name == READER_MODEL:
            return self._reader_object
        return next((model for model in await self.list_models() if model["id"] == name), None)

    async def close(self) -> None:
        if "_provider" in self.__dict__:
            await self._provider.close()

    @property
    def _reader_object(self) -> dict[str, Any]:
        return {"id": READER_MODEL, "object": "model", "created": self._started, "owned_by": "deskside"}

    @cached_property
    def _provider(self) -> "RemoteProvider":
        """Made at the first use: it takes the SDK, 0.4 s to import, which the reader has no need of."""
        from desktop_app.models.remote.endpoint import Endpoint
        from desktop_app.models.remote.patience import Patience
        from desktop_app.models.remote.provider import RemoteProvider

        key = self._settings.provider_key
        endpoint = Endpoint(self._settings.provider_url, key.get_secret_value() if key else "")
        return RemoteProvider(endpoint, Patience.of(self._settings))
