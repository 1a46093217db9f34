"""A provider's model behind the interface that all sources of answers have."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import openai

from desktop_app.models.base import ModelPart, ModelRequest
from desktop_app.models.prompting import without_older_images
from desktop_app.models.remote.errors import FAULTS, CutOffError, NoAnswerError, refuses_images
from desktop_app.models.remote.provider import RemoteProvider
from desktop_app.models.remote.stream import read_objects
from desktop_app.models.remote.wire import Reading, Wire

LATE_S = 5.0
"""How long after the model's last word the usage may still come from a server that never ends its stream."""
_DRAIN_S = 0.2
_NO_TOOLS = re.compile(
    r"support.{0,40}\btool|\btools?\b.{0,40}(?:support|requires)|requires.{0,40}\btool", re.IGNORECASE
)


class RemoteModel:
    """A model of a provider, by its name there."""

    def __init__(self, provider: RemoteProvider, wire: Wire, name: str) -> None:
        self._provider = provider
        self._wire = wire
        self.name = name

    @property
    def calls_tools(self) -> bool:
        return self.name not in self._provider.without_tools

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart]:
        """The parts of one turn, as `Model.stream` promises."""
        request = replace(request, model=self.name)
        while True:
            reading = self._wire.reading(request)
            try:
                async with aclosing(self._parts(request, reading)) as parts:
                    async for part in parts:
                        yield part
                return
            except FAULTS as error:
                if request.tools and _says_no_tools(error):
                    self._provider.without_tools.add(self.name)
                less = without_older_images(request) if refuses_images(error) and not reading.begun else None
                if less is None:
                    raise self._provider.explain(error, self.name, self._wire) from error
                request = less

    async def _parts(self, request: ModelRequest, reading: Reading) -> AsyncGenerator[ModelPart]:
        """As `stream`; raises one of `FAULTS`."""
        try:
            async with (
                self._provider.open(self._wire, request) as pieces,
                aclosing(read_objects(pieces)) as objects,
                aclosing(_until_over(objects, reading)) as chunks,
            ):
                async for chunk in chunks:
                    for part in reading.read(chunk):
                        yield part
                    if chunk is None:
                        await _drain(pieces)
                        break
        except NoAnswerError as error:
            raise CutOffError if reading.begun else error from error
        except FAULTS:
            if not reading.complete:  # else all is there, and what becomes of the connection does not matter
                raise
        for part in reading.finish():
            yield part


async def _until_over(
    objects: AsyncGenerator[dict[str, Any] | None], reading: Reading
) -> AsyncGenerator[dict[str, Any] | None]:
    """The objects until there are no more, or the model has finished and its server has fallen silent."""
    with suppress(StopAsyncIteration, TimeoutError):
        while True:
            async with asyncio.timeout(LATE_S if reading.complete else None):
                chunk = await anext(objects)
            yield chunk


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    """Read what is behind the end, so that the connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in pieces:
                pass


def _says_no_tools(error: Exception) -> bool:
    return isinstance(error, openai.APIStatusError) and _NO_TOOLS.search(f"{error.message} {error.body}") is not None
