"""Keeps the window connected to its service: starts it, follows its feed, and notices when it ends."""

import asyncio
from contextlib import aclosing
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.client.connection import Connection, load_sdk
from desktop_app.client.errors import ClientError
from desktop_app.client.local_service import LocalService
from desktop_app.window.tasks import Tasks


class ServiceLink(QObject):
    """`connected(Connection)` after each start; `lost(sentence)` when there is no service (any more);
    `changed(Change)` for each entry of its feed; `refreshed()` when the feed is back and changes may have been missed.
    """

    connected = Signal(object)
    lost = Signal(str)
    changed = Signal(object)
    refreshed = Signal()

    def __init__(self, data_dir: Path, tasks: Tasks, service: LocalService | None = None) -> None:
        super().__init__(tasks)
        self._service = service or LocalService(data_dir)
        self.tasks = tasks
        self.connection: Connection | None = None

    @property
    def service_pid(self) -> int | None:
        """The process of a service that was started here; None when it was found running, or there is none."""
        return self._service.pid

    def start(self) -> None:
        """Start the service, or start it again; the outcome comes as a signal."""
        self.tasks.start("service.start", self._start())

    async def close(self) -> None:
        """End the connection, and the service if it is ours."""
        await self._disconnect()
        await self._service.stop()

    async def _start(self) -> None:
        await self._disconnect()
        # The SDK is imported in a thread while the service starts: both take about a second.
        _, outcome = await asyncio.gather(asyncio.to_thread(load_sdk), self._service.start(), return_exceptions=True)
        if isinstance(outcome, ClientError):
            # At the very end: a person may start it again as soon as this is told.
            asyncio.get_running_loop().call_soon(self.lost.emit, str(outcome))
            return
        if isinstance(outcome, BaseException):
            raise outcome
        connection = outcome
        await asyncio.to_thread(connection.prepare)
        self.connection = connection
        if self._service.is_child:
            self.tasks.restart("service.watch", self._watch())
        self.tasks.restart("service.feed", self._follow(connection))

    async def _disconnect(self) -> None:
        self.tasks.cancel("service.watch")
        self.tasks.cancel("service.feed")
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()

    async def _watch(self) -> None:
        end = await self._service.wait()
        self.tasks.cancel("service.feed")
        self.lost.emit(str(end))

    async def _follow(self, connection: Connection) -> None:
        from desktop_app.client.extensions import Connected, Lost

        told = False
        async with aclosing(connection.extensions.changes()) as feed:
            async for entry in feed:
                if isinstance(entry, Connected):
                    # Only now: what is read from here on misses no change.
                    if told:
                        self.refreshed.emit()
                    else:
                        self.connected.emit(connection)
                    told = True
                elif isinstance(entry, Lost):
                    # Of the end of a child of ours the watch knows more, and at once.
                    if not (told and self._service.is_child):
                        self.lost.emit(str(entry.error))
                else:
                    self.changed.emit(entry)
