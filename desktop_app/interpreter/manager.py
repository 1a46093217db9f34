"""All sessions of a service: by key, so many at a time, each given up after an hour without use; and a spare worker
that has its libraries loaded, for the next one."""

import asyncio
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from desktop_app.interpreter import launch, levels
from desktop_app.interpreter.base import BusyError, CellResult, InputFile, Sandbox, SandboxError
from desktop_app.interpreter.launch import NotConfinedError, Worker
from desktop_app.interpreter.limits import Limits
from desktop_app.interpreter.removal import remove_tree
from desktop_app.interpreter.session import Session
from desktop_app.interpreter.spare import Spare

_EXPIRY_INTERVAL_S = 30.0
_log = logging.getLogger(__name__)


@dataclass
class _Place:
    """A key's session, whose turn it is in it, and how its running cell is stopped."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    stop: threading.Event = field(default_factory=threading.Event)
    session: Session | None = None
    told: bool = False
    """Whether a result has said that the session is new; that of a cancelled cell is told to nobody."""
    used: float = 0.0
    waiting: int = 0


class CodeSessionManager:
    """The sessions (see CodeSessions), in folders of their own under `root`.

    `private` are folders that code must never read, such as the data folder: a machine whose Python is kept around
    one of them gets no sandbox. `offers` are the ways to confine a worker, strongest first. Use it on one event loop,
    and `close` it.
    """

    def __init__(
        self,
        root: Path,
        private: Sequence[Path] = (),
        limits: Limits | None = None,
        offers: Sequence[levels.Offer] | None = None,
        clock: Callable[[], float] = time.monotonic,
        with_spare: bool = True,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        found, self._reason = levels.offers() if offers is None else (offers, "none was allowed")
        self._offers = list(found)
        self._root = root / f"{os.getpid()}-{secrets.token_hex(4)}"
        if exposed := levels.exposed([*private, root, levels.home()]):
            self._offers, self._reason = [], f"Python is installed around the private folder {exposed}"
        self._failure = ""
        self._places: dict[str, _Place] = {}
        self._starting = asyncio.Lock()
        self._with_spare = with_spare
        self._spare: Spare | None = None
        self._expiry: asyncio.Task[None] | None = None
        self._closed = False
        # On Linux a worker dies with the thread that started it, so this one lives as long as the manager.
        self._spawner = ThreadPoolExecutor(1, "code-spawner")
        self._threads = ThreadPoolExecutor(self._limits.sessions + 2, "code-session")
        levels.hide_this_process()
        _remove_leftovers(root)

    @property
    def sandbox(self) -> Sandbox:
        usable = self._offers and not self._failure
        return levels.sandbox(self._offers[0] if usable else None, self._failure or self._reason)

    async def run(
        self, key: str, code: str, inputs: Sequence[InputFile] = (), on_logs: Callable[[str], None] | None = None
    ) -> CellResult:
        """See CodeSessions.run; raises BusyError when every session is at work."""
        place = self._places.setdefault(key, _Place())
        place.waiting += 1
        try:
            async with place.turn:
                session = await self._session(place)
                place.stop = threading.Event()
                result = await self._run(session, place.stop, code, inputs, on_logs, not place.told)
                place.told = True
                return result
        finally:
            place.waiting -= 1
            place.used = self._clock()
            if place.session is None and not place.waiting:
                self._places.pop(key, None)
            self.prepare()

    def prepare(self) -> None:
        """Have a spare worker ready for the next session; call it when one is to be expected."""
        if self._closed or not self._offers:
            return
        if self._spare is None and self._with_spare:
            self._spare = Spare(self._start, self._threads)
        if self._expiry is None:
            self._expiry = asyncio.create_task(self._expire_for_ever())

    async def end(self, key: str) -> None:
        if (place := self._places.get(key)) is None:
            return
        place.stop.set()
        async with place.turn:
            await self._give_up(key, place)

    async def expire(self) -> None:
        """End what has not been used for the idle time, the spare with the last session."""
        before = self._clock() - self._limits.idle_s
        for key, place in list(self._places.items()):
            if place.waiting == 0 and place.used <= before:
                async with place.turn:
                    await self._give_up(key, place)
        if not self._places:
            await self._drop_spare()

    async def close(self) -> None:
        self._closed = True
        if self._expiry is not None:
            self._expiry.cancel()
            await asyncio.wait([self._expiry])
        for key in list(self._places):
            await self.end(key)
        await self._drop_spare()
        self._spawner.shutdown()
        self._threads.shutdown()
        remove_tree(self._root)

    async def _run(
        self,
        session: Session,
        stop: threading.Event,
        code: str,
        inputs: Sequence[InputFile],
        on_logs: Callable[[str], None] | None,
        is_new: bool,
    ) -> CellResult:
        loop = asyncio.get_running_loop()

        def tell(text: str) -> None:
            if on_logs is not None:
                loop.call_soon_threadsafe(on_logs, text)

        work = loop.run_in_executor(self._threads, session.run, code, inputs, tell, stop, is_new)
        cancelled: asyncio.CancelledError | None = None
        while not work.done():  # also when the call is cancelled: the session is not free before the cell has ended
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError as error:
                cancelled = error
                stop.set()
        if cancelled is not None:
            raise cancelled
        return work.result()

    async def _session(self, place: _Place) -> Session:
        """The session of a place, with a worker that lives; raises SandboxError."""
        async with self._starting:
            if place.session is None:
                await self._make_room()
                worker = await self._take_worker()
                place.session = Session(worker, self._root / f"{worker.folder.name}-out", self._limits)
            elif place.session.lost:
                place.session.restart(await self._take_worker())
            return place.session

    async def _make_room(self) -> None:
        """Give up the session that has been idle longest when there are as many as there may be."""
        live = {key: place for key, place in self._places.items() if place.session is not None}
        if len(live) < self._limits.sessions:
            return
        idle = [key for key, place in live.items() if place.waiting == 0]
        if not idle:
            raise BusyError(f"All {self._limits.sessions} code sessions are at work. Try again when one has finished.")
        oldest = min(idle, key=lambda key: live[key].used)
        async with live[oldest].turn:
            await self._give_up(oldest, live[oldest])

    async def _give_up(self, key: str, place: _Place) -> None:
        session, place.session, place.told = place.session, None, False
        if session is not None:
            await asyncio.get_running_loop().run_in_executor(self._threads, session.end)
        if not place.waiting:
            self._places.pop(key, None)

    async def _take_worker(self) -> Worker:
        spare, self._spare = self._spare, None
        worker = await spare.take() if spare is not None else None
        return worker or await self._start()

    async def _start(self) -> Worker:
        """A worker at the strongest level that proves itself here; raises SandboxError."""
        loop = asyncio.get_running_loop()
        while self._offers:
            offer = self._offers[0]
            try:
                worker = await loop.run_in_executor(self._spawner, self._start_now, offer)
            except NotConfinedError as error:
                _log.warning("the sandbox %r did not hold or start: %s", offer.level, error)
                self._failure = str(error)
                if len(self._offers) == 1:
                    break  # it is tried again for the next session, and has to prove itself again
                if offer in self._offers:
                    self._offers.remove(offer)
            else:
                self._failure = ""
                return worker
        raise SandboxError(levels.unavailable(self._failure or self._reason))

    def _start_now(self, offer: levels.Offer) -> Worker:
        try:
            self._root.mkdir(parents=True, mode=0o700, exist_ok=True)
            secret = self._root / "private"
            secret.write_bytes(b"not for code")
            folder = launch.make_folder(self._root)
        except OSError as error:
            raise SandboxError(f"Code can't run: {error.filename} could not be made ({error.strerror}).") from error
        return launch.start(offer, folder, secret, self._limits)

    async def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            await spare.drop()

    async def _expire_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRY_INTERVAL_S)
            await self.expire()


def _remove_leftovers(root: Path) -> None:
    """Remove the folders of services that were killed; their names begin with their process ids."""
    if not root.is_dir():
        return
    for folder in root.iterdir():
        owner = folder.name.partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            remove_tree(folder)
