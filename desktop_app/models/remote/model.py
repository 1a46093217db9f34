"""A provider's model behind the interface that all sources of answers have."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import openai

from desktop_app.models.base import ModelPart, ModelRequest, Waiting
from desktop_app.models.prompted import prompted_stream
from desktop_app.models.prompting import without_older_images
from desktop_app.models.remote.faults import FAULTS, CutOffError, NoAnswerError, refuses_images
from desktop_app.models.remote.listening import Listening
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

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart]:
        """The parts of one turn, as `Model.stream` promises."""
        if request.tools and not self.calls_tools:
            return prompted_stream(self._stream, request)
        return self._stream(request)

    async def _stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart]:
        request = replace(request, model=self.name)
        attempt = 0
        while True:
            reading = self._wire.reading(request)
            told = False
            try:
                async with aclosing(self._parts(request, reading)) as parts:
                    async for part in parts:
                        told = True
                        yield part
                return
            except FAULTS as error:
                failure = self._provider.explain(error, self.name, self._wire)
                less, pause = None, None
                if request.tools and _says_no_tools(error):
                    self._provider.without_tools.add(self.name)
                elif refuses_images(error) and not told:
                    less = without_older_images(request)
                elif failure.code != "invalid_prompt" and not told:
                    pause = self._provider.patience.pause(error, attempt)
                if less is None and pause is None:
                    raise failure from error
            if less is not None:
                request = less
            elif pause is not None:
                attempt += 1
                yield Waiting()
                await asyncio.sleep(pause)

    async def _parts(self, request: ModelRequest, reading: Reading) -> AsyncGenerator[ModelPart]:
        """As `stream`; raises one of `FAULTS`."""
        listening = Listening(self._provider.patience)
        try:
            async with (
                listening.opened(self._provider.open(self._wire, request)) as pieces,
                aclosing(listening.heard(pieces)) as heard,
                aclosing(read_objects(heard)) as objects,
                aclosing(_until_over(objects, reading)) as chunks,
            ):
                async for chunk in chunks:
                    for part in reading.read(chunk):
                        listening.begun = True
                        yield part
                    if reading.over:
                        await _drain(heard)
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
