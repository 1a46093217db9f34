"""A worker in waiting, with its libraries loaded, so that a session's first plot need not wait for them."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from desktop_app.interpreter.base import SandboxError
from desktop_app.interpreter.launch import FONTS, Worker
from desktop_app.interpreter.process import Gone

_PRELOAD_S = 60.0


class Spare:
    """One worker, started at once by `start` on the running loop; either `take` or `drop` it."""

    def __init__(self, start: Callable[[], Awaitable[Worker]], threads: ThreadPoolExecutor) -> None:
        self._start = start
        self._threads = threads
        self._worker: Worker | None = None
        self._dropped = False
        self._task = asyncio.create_task(self._prepare())

    async def take(self) -> Worker | None:
        """The worker, as soon as its libraries are loaded; None when it has ended or could not be started."""
        await asyncio.wait([self._task])
        worker = self._worker
        return None if worker is None or worker.process.ended.is_set() else worker

    async def drop(self) -> None:
        """End the worker, also in the middle of its preparations."""
        self._dropped = True
        if self._worker is not None:
            self._worker.process.kill()
        await asyncio.wait([self._task])
        if self._worker is not None:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._worker.end)

    async def _prepare(self) -> None:
        with suppress(SandboxError):  # the session that wants a worker meets and reports it
            self._worker = await self._start()
            if not self._dropped:
                await asyncio.get_running_loop().run_in_executor(self._threads, _preload, self._worker)


def _preload(worker: Worker) -> None:
    worker.process.send({"kind": "preload"})
    with suppress(Gone):
        if worker.process.receive(_PRELOAD_S) is not None:
            worker.process.freeze()
            _keep_fonts(worker)
            return
    worker.process.kill()


def _keep_fonts(worker: Worker) -> None:
    """Let later workers have the list of fonts that matplotlib made here, before any code of others ran."""
    kept = worker.folder.parent / FONTS
    if not kept.exists():
        shutil.copytree(_fonts(worker.folder), kept, ignore=shutil.ignore_patterns("*.lock*"))


def _fonts(folder: Path) -> Path:
    return folder / f".{FONTS}"
