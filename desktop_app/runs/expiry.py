"""When a run's time is over: the same for runs that are executed and for those that wait for their client."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from desktop_app.store.database import Database
from desktop_app.store.runs import next_expiry

_log = logging.getLogger(__name__)

LONGEST_SLEEP_S = 30.0
"""A computer that was suspended has waited less than it believes."""
SHORTEST_SLEEP_S = 0.05
AFTER_FAILURE_S = 5.0


class Clock:
    """The time as runs know it. Tests bring one that they can move."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def wait(self, event: asyncio.Event, until: float) -> None:
        """Until `event` is set, at most until that time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), until - self.now())


class Expiry:
    """Calls `expire` with the id of each run whose `expires_at` has come; `run` until cancelled."""

    def __init__(self, database: Database, clock: Clock, expire: Callable[[str], Awaitable[None]]) -> None:
        self._database = database
        self._clock = clock
        self._expire = expire
        self._sooner = asyncio.Event()
        self._wakes_at = 0.0

    def expect(self, expires_at: int) -> None:
        """A run began that expires then; called on the event loop."""
        if expires_at < self._wakes_at:
            self._sooner.set()

    async def run(self) -> None:
        while True:
            try:
                await self._next()
            except Exception:  # such as a full disk
                _log.exception("runs could not be expired")
                await asyncio.sleep(AFTER_FAILURE_S)

    async def _next(self) -> None:
        """Expire the first run if its time has come; else wait for it."""
        self._sooner.clear()
        first = await asyncio.to_thread(self._first)
        now = self._clock.now()
        if first is not None and first[1] <= now:
            await self._expire(first[0])
            await asyncio.sleep(SHORTEST_SLEEP_S)
            return
        self._wakes_at = min(now + LONGEST_SLEEP_S, first[1] if first is not None else float("inf"))
        await self._clock.wait(self._sooner, self._wakes_at)

    def _first(self) -> tuple[str, int] | None:
        with self._database.read() as connection:
            return next_expiry(connection)
