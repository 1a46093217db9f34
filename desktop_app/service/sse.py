"""Server-sent events over HTTP: one response class for runs and for the feed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from fastapi.responses import StreamingResponse

from desktop_app.wire.events import Event

HEARTBEAT_S = 15.0
_MOST_AT_ONCE = 16
"""So many events that are there together are sent as one piece."""
_HEARTBEAT = b": heartbeat\n\n"


def event_stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """The events as they come, with a comment line when nothing came for a while.

    Those that are there together go as one piece. The next are asked for when it was taken by the client's connection,
    so a slow client makes the source wait, not a buffer grow.
    """
    return StreamingResponse(_encoded(events), media_type="text/event-stream")


async def _encoded(events: AsyncIterator[Event]) -> AsyncGenerator[bytes]:
    coming: asyncio.Future[Event] | None = None
    ready: list[bytes] = []
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            if ready:
                await asyncio.sleep(0)  # so that what is there already is told
            else:
                await asyncio.wait([coming], timeout=HEARTBEAT_S)
            if not coming.done() or len(ready) == _MOST_AT_ONCE:
                yield b"".join(ready) or _HEARTBEAT
                ready.clear()
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                break
            coming = None
            ready.append(event.encode())
        if ready:
            yield b"".join(ready)
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait([coming])
        if isinstance(events, AsyncGenerator):
            await events.aclose()
