"""Server-sent events over HTTP: one response class for runs and for the feed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from fastapi.responses import StreamingResponse

from desktop_app.wire.events import Event

HEARTBEAT_S = 15.0
_HEARTBEAT = b": heartbeat\n\n"


def event_stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """The events as they come, with a comment line when nothing came for a while.

    The next event is asked for when the last one was taken by the client's connection, so a slow client makes the
    source wait, not a buffer grow.
    """
    return StreamingResponse(_encoded(events), media_type="text/event-stream")


async def _encoded(events: AsyncIterator[Event]) -> AsyncGenerator[bytes]:
    coming: asyncio.Future[Event] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait([coming], timeout=HEARTBEAT_S)
            if not done:
                yield _HEARTBEAT
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield event.encode()
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait([coming])
        if isinstance(events, AsyncGenerator):
            await events.aclose()
