"""The live feed: what changed, for every window that listens."""

import asyncio
from collections.abc import AsyncGenerator

from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change

EVENT = "deskside.changed"
MAX_WAITING = 1000
"""A listener that is further behind is let go; it connects again and reads everything."""


class _Listener:
    """Changes that wait for one listener; of several for one object only the last counts."""

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, str, str | None], Change] = {}
        self.news = asyncio.Event()
        self.gone = False

    def tell(self, change: Change) -> None:
        key = (change.kind, change.id, change.parent_id)
        earlier = self.waiting.pop(key, None)
        unseen = earlier is not None and earlier.action == "created" and change.action == "changed"
        self.waiting[key] = earlier if earlier is not None and unseen else change
        if len(self.waiting) > MAX_WAITING:
            self.let_go()
        self.news.set()

    def let_go(self) -> None:
        """End the subscription; what waits is dropped, because the client may not take anything for hours."""
        self.gone = True
        self.waiting.clear()
        self.news.set()


class Feed:
    """`publish` may be called from any thread; the rest belongs to the event loop."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End every subscription, and take no more changes."""
        self._loop = None
        for listener in self._listeners:
            listener.let_go()
        self._listeners.clear()

    def publish(self, change: Change) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._spread, change)

    async def subscribe(self) -> AsyncGenerator[Event]:
        """Changes from now on."""
        listener = _Listener()
        self._listeners.add(listener)
        try:
            while self._loop is not None and not listener.gone:
                await listener.news.wait()
                listener.news.clear()
                changes, listener.waiting = listener.waiting, {}
                for change in changes.values():
                    yield Event(EVENT, change.model_dump())
        finally:
            self._listeners.discard(listener)

    def _spread(self, change: Change) -> None:
        for listener in self._listeners:
            listener.tell(change)
        self._listeners = {listener for listener in self._listeners if not listener.gone}
