"""What providers said of their models: asked again when it is old, kept on the disk for when they don't answer."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from desktop_app.models.base import ModelError
from desktop_app.models.source import ListedModel, Listing
from desktop_app.settings.json_file import JsonFile, UnreadableFileError
from desktop_app.wire.models import Provider

FRESH_S = 60.0
PAUSE_S = 30.0
"""How long a provider that did not answer is left alone, unless somebody asks for it."""
ASK_TIMEOUT_S = 10.0

_log = logging.getLogger(__name__)
_MODELS: TypeAdapter[list[ListedModel]] = TypeAdapter(list[ListedModel])


@dataclass
class _Known:
    """What is known of one provider; the times are of `time.monotonic`."""

    base_url: str
    models: Sequence[ListedModel] | None = None
    asked_at: float = 0.0
    failure: ModelError | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_settled(self) -> bool:
        """Whether what is known will do without asking."""
        age = time.monotonic() - self.asked_at
        return bool(self.asked_at) and age < (PAUSE_S if self.failure else FRESH_S)


class ModelLists:
    """Belongs to the event loop. A list is that of an address: it is forgotten when the provider moves."""

    def __init__(self, data_dir: Path) -> None:
        self._file = JsonFile(data_dir / "model-lists.json")
        self._known: defaultdict[str, _Known] = defaultdict(lambda: _Known(""))
        self._is_read = False

    async def known(self, provider: Provider) -> Listing | None:
        """What the provider said last, without asking it; None when it never said anything."""
        known = await self._of(provider)
        return None if known.models is None else Listing(known.models, is_stale=known.failure is not None)

    async def get(
        self, provider: Provider, ask: Callable[[], Awaitable[list[ListedModel]]], *, refresh: bool = False
    ) -> Listing:
        """The provider's models by `ask`, or what it said last when it does not answer; raises ModelError."""
        known = await self._of(provider)
        async with known.lock:
            if refresh or not known.is_settled():
                await self._ask(provider.id, known, ask)
        if known.models is None:
            assert known.failure is not None
            raise known.failure
        return Listing(known.models, is_stale=known.failure is not None)

    def forget(self, provider_id: str) -> None:
        """Ask again at the next look: the provider was changed."""
        if provider_id in self._known:
            self._known[provider_id].asked_at = 0.0

    async def remove(self, provider_id: str) -> None:
        """Keep nothing of a provider that is gone."""
        self._known.pop(provider_id, None)
        await asyncio.to_thread(self._write, provider_id, None)

    async def _ask(self, provider_id: str, known: _Known, ask: Callable[[], Awaitable[list[ListedModel]]]) -> None:
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                known.models = await ask()
            known.failure = None
        except TimeoutError:
            known.failure = ModelError(f"{known.base_url} did not list its models in time.", "server_error")
        except ModelError as error:
            known.failure = error
        known.asked_at = time.monotonic()
        if known.failure is None:
            models = [asdict(model) for model in known.models or ()]
            await asyncio.to_thread(self._write, provider_id, {"base_url": known.base_url, "models": models})

    async def _of(self, provider: Provider) -> _Known:
        if not self._is_read:
            self._is_read = True
            self._known.update(await asyncio.to_thread(self._read))
        known = self._known[provider.id]
        if known.base_url != provider.base_url:
            known = self._known[provider.id] = _Known(provider.base_url)
        return known

    def _read(self) -> dict[str, _Known]:
        try:
            kept = self._file.read()
        except UnreadableFileError as error:  # it is no more than a memory of what providers say
            _log.warning("%s", error)
            self._file.path.unlink(missing_ok=True)
            return {}
        known = {}
        for provider_id, each in kept.items():
            try:
                known[provider_id] = _Known(str(each["base_url"]), _MODELS.validate_python(each["models"]))
            except (ValidationError, LookupError, TypeError):
                continue
        return known

    def _write(self, provider_id: str, kept: dict[str, Any] | None) -> None:
        try:
            self._file.change({provider_id: kept})
        except (OSError, UnreadableFileError) as error:
            _log.warning("The list of models could not be kept: %s", error)
