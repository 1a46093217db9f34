"""Typed calls for the routes that Deskside adds to the protocol, over the SDK's own transport."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from openai import AsyncOpenAI, AsyncStream
from pydantic import BaseModel

from desktop_app.client.errors import ClientError, RefusedError, ServiceLostError, readable_errors
from desktop_app.wire.extensions import (
    Change,
    FileExtension,
    PageText,
    RunExtension,
    RunStepExtension,
    Samples,
    ServiceStatus,
    ThreadExtension,
)

FEED_SILENCE_S = 40.0
"""The feed sends a heartbeat every 15 s; after this silence the connection is taken for dead."""

_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class ThreadEntry(BaseModel):
    """One row of the list of threads."""

    id: str
    created_at: int
    metadata: dict[str, str] | None = None
    deskside: ThreadExtension = ThreadExtension()

    @property
    def assistant_id(self) -> str | None:
        """Who answered last, or whom the window was about to ask when the thread was made."""
        return self.deskside.assistant_id or (self.metadata or {}).get("assistant_id")


class ThreadPage(BaseModel):
    """A page of the list of threads, the most recent first."""

    data: list[ThreadEntry]
    last_id: str | None = None
    has_more: bool = False


@dataclass(frozen=True)
class Connected:
    """The feed is connected, for the first time or again: read everything you show, changes may have been missed."""


@dataclass(frozen=True)
class Lost:
    """The feed broke and will be tried again; sent once until it is back."""

    error: ClientError


FeedEntry = Change | Connected | Lost


class Extensions:
    """Every method raises ServiceLostError or RefusedError, with a message for people."""

    def __init__(self, openai: AsyncOpenAI) -> None:
        self._openai = openai

    async def threads(self, limit: int = 50, after: str | None = None) -> ThreadPage:
        query = {"limit": limit} | ({"after": after} if after else {})
        return ThreadPage.model_validate(await self._get("/threads", query))

    async def status(self) -> ServiceStatus:
        return ServiceStatus.model_validate(await self._get("/deskside/status"))

    async def page(self, file_id: str, number: int) -> PageText:
        """The text of one page; `number` counts from 1."""
        return PageText.model_validate(await self._get(f"/deskside/files/{quote(file_id)}/pages/{number}"))

    async def file_bytes(self, file_id: str) -> bytes:
        """The original file, as it was uploaded."""
        with readable_errors():
            answer = await self._openai.files.content(file_id)
            return answer.content

    async def samples(self) -> Samples:
        """The sample assistant with its documents; made at the first call."""
        return Samples.model_validate(await self._post("/deskside/samples"))

    async def retry(self, vector_store_id: str, file_id: str) -> FileExtension:
        """Read a failed file again."""
        answer = await self._post(f"/deskside/vector_stores/{quote(vector_store_id)}/files/{quote(file_id)}/retry")
        return FileExtension.model_validate(answer.get("deskside") or {})

    async def changes(self) -> AsyncGenerator[FeedEntry]:
        """The live feed, for as long as it is iterated: reconnects by itself and says so (`Connected`, `Lost`).

        Close the iterator (`contextlib.aclosing`) to end the connection. Raises RefusedError when the service
        doesn't accept the key, since trying again would not help.
        """
        failures = 0
        while True:
            try:
                async with aclosing(self._feed()) as feed:
                    async for entry in feed:
                        failures = 0
                        yield entry
                raise ServiceLostError("The service closed the connection.")
            except RefusedError as error:
                if error.status in (401, 403):
                    raise
                problem: ClientError = error
            except ClientError as error:
                problem = error
            if failures == 0:
                yield Lost(problem)
            await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
            failures += 1

    async def _feed(self) -> AsyncGenerator[FeedEntry]:
        with readable_errors():
            stream: AsyncStream[object] = await self._openai.with_options(max_retries=0, timeout=FEED_SILENCE_S).get(
                "/deskside/events", cast_to=object, stream=True, stream_cls=AsyncStream[object]
            )
            async with stream:
                yield Connected()
                async for data in stream:
                    yield Change.model_validate(data)

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        with readable_errors():
            return await self._openai.get(path, cast_to=object, options={"params": query} if query else {})

    async def _post(self, path: str) -> Any:
        with readable_errors():
            return await self._openai.post(path, cast_to=object)


def extension_of(run: object) -> RunExtension:
    """`run.deskside` of an SDK run object, which carries it as an extra field."""
    return RunExtension.model_validate(getattr(run, "deskside", None) or {})


def step_extension_of(step: object) -> RunStepExtension:
    """`run_step.deskside`, likewise."""
    return RunStepExtension.model_validate(getattr(step, "deskside", None) or {})
