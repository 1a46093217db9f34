"""The bridge from Qt's signals to asyncio: every task of the window is started here, so that none is lost.

A slot calls `tasks.start("threads.load", self._load())`. Each task has a name, runs once at a time, can be
cancelled by its name, tells its failure through one signal, and is awaited when the window closes.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 5.0


class Tasks(QObject):
    """The running tasks of one window.

    `failed(name, error)` is sent for every exception that leaves a task; `finished(name)` whenever one has ended.
    """

    failed = Signal(str, object)
    finished = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._named: dict[str, asyncio.Task[Any]] = {}
        self._all: set[asyncio.Task[Any]] = set()
        self._closing = False

    def start(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any] | None:
        """Run `coroutine` as `name`; None, and the coroutine closed unrun, while that name is running or at the end.

        The end is `close()`, or an event loop that has stopped: Qt may still send a last signal then.
        """
        loop = asyncio._get_running_loop()
        if loop is None or self._closing or name in self._named:
            coroutine.close()
            return None
        task = loop.create_task(coroutine, name=name)
        self._named[name] = task
        self._all.add(task)
        task.add_done_callback(self._done)
        return task

    def restart(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any] | None:
        """Like `start`, but what runs under that name now is cancelled first: the newest wish wins."""
        self.cancel(name)
        return self.start(name, coroutine)

    def running(self, name: str) -> bool:
        return name in self._named

    def cancel(self, name: str) -> bool:
        """Ask the task to end and free its name at once; False when nothing runs under it."""
        task = self._named.pop(name, None)
        return task is not None and task.cancel()

    async def close(self) -> None:
        """Start nothing more, cancel everything, and wait until it has ended (its streams closed), 5 s at most."""
        self._closing = True
        self._named.clear()
        pending = self._all - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        if pending:
            _, stubborn = await asyncio.wait(pending, timeout=CLOSE_TIMEOUT_S)
            for task in stubborn:
                _log.warning("The task %s did not end when it was cancelled.", task.get_name())

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._all.discard(task)
        name = task.get_name()
        if self._named.get(name) is task:
            del self._named[name]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.debug("The task %s failed.", name, exc_info=error)
            self.failed.emit(name, error)
        self.finished.emit(name)
