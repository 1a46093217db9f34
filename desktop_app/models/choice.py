"""Which source of answers a run gets: the provider that was chosen, else the built-in reader."""

import time
from typing import Any

from desktop_app.models.base import Model, ModelError
from desktop_app.models.chat import ChatModel, ChatProvider
from desktop_app.settings.options import Settings
from desktop_app.wire.answers import READER_MODEL


class ModelChoice:
    """Settings decide once, at the start of the service."""

    def __init__(self, settings: Settings, reader: Model) -> None:
        self._reader = reader
        self._wire = settings.provider_wire
        self._started = int(time.time())
        self._provider: ChatProvider | None = None
        if settings.provider_url:
            key = settings.provider_key.get_secret_value() if settings.provider_key else ""
            self._provider = ChatProvider(settings.provider_url, key, settings.provider_timeout_s)

    def model(self, name: str) -> Model:
        """The source that answers for the model `name`; raises ModelError."""
        if self._provider is None or name == READER_MODEL:
            return self._reader
        if self._wire != "chat":
            raise ModelError(
                f"The wire '{self._wire}' can't be spoken yet. Set provider_wire (DESKSIDE_PROVIDER_WIRE) to 'chat'.",
                "server_error",
            )
        return ChatModel(self._provider, name)

    async def list_models(self) -> list[dict[str, Any]]:
        """Model objects of `GET /v1/models`: the reader, then the provider's; raises ModelError."""
        reader = {"id": READER_MODEL, "object": "model", "created": self._started, "owned_by": "deskside"}
        return [reader, *(await self._provider.list_models() if self._provider is not None else ())]

    async def close(self) -> None:
        if self._provider is not None:
            await self._provider.close()
