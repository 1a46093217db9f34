"""Running the service: one process per data folder, one line on stdout when ready, an orderly end within seconds."""

import asyncio
import gc
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import uvicorn
from pydantic import ValidationError

from desktop_app.service.app import create_app
from desktop_app.service.connection import KEEP_ALIVE_S, Connection, allow_open_files
from desktop_app.service.guard import Guard
from desktop_app.service.rooms import Rooms
from desktop_app.settings.options import Settings
from desktop_app.settings.paths import DataDir
from desktop_app.store.revision import is_current

HOST = "127.0.0.1"
OK, FAILED, FOLDER_IN_USE = 0, 1, 3
_CLOSE_CONNECTIONS_S = 1
_END_WITHIN_S = 4.0
_SWITCH_INTERVAL_S = 0.0005
"""How long a thread that computes lets the others wait: Python's own 5 ms would delay each step of an answer."""

_log = logging.getLogger(__name__)


class StartError(Exception):
    """The service can't start; the message is for the person, `code` the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


def serve(data_dir: Path, port: int, with_parent: bool) -> None:
    """Serve until SIGTERM or SIGINT; with `with_parent`, until stdin ends too. Raises StartError."""
    folder = DataDir(data_dir)
    try:
        folder.create()
    except OSError as error:
        raise StartError(
            f"The data folder {data_dir} can't be used: {error.strerror or error}. Choose another with --data-dir or "
            "DESKSIDE_DATA_DIR."
        ) from error
    lock = filelock.FileLock(folder.lock, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise StartError(f"Another Deskside service is using {data_dir}.", FOLDER_IN_USE) from error
    except OSError as error:
        raise StartError(f"The data folder {data_dir} can't be locked: {error.strerror or error}.") from error
    try:
        _serve_locked(folder, port, with_parent)
    finally:
        folder.service_note.unlink(missing_ok=True)
        lock.release()


def _serve_locked(folder: DataDir, port: int, with_parent: bool) -> None:
    try:
        settings = Settings.load(folder.root)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise StartError(f"The setting '{name}' is wrong: {first['msg']}.") from error
    except ValueError as error:
        raise StartError(f"{folder.root / 'settings.json'} can't be read: {error}.") from error
    _upgrade(folder)
    asyncio.run(_run(folder, settings, _listen(port), with_parent))


def _upgrade(folder: DataDir) -> None:
    if is_current(folder.database):
        return
    from desktop_app.store.upgrade import LibraryTooNewError, upgrade_database

    try:
        upgrade_database(folder.database, folder.backups)
    except LibraryTooNewError as error:
        raise StartError(str(error)) from error
    except Exception as error:
        _log.debug("The library could not be opened.", exc_info=True)
        raise StartError(
            f"The library {folder.database} can't be opened: {error}. Its backups are in {folder.backups}."
        ) from error


async def _run(folder: DataDir, settings: Settings, listener: socket.socket, with_parent: bool) -> None:
    port = listener.getsockname()[1]
    api_key = await asyncio.to_thread(_api_key, settings)
    allow_open_files()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    rooms = Rooms(folder, settings)
    base_url = f"http://{HOST}:{port}/v1"

    def announce() -> None:
        folder.service_note.write_text(json.dumps({"pid": os.getpid(), "base_url": base_url}), "utf-8")
        print(json.dumps({"base_url": base_url, "api_key": api_key}), flush=True)  # noqa: T201  # the contract

    config = uvicorn.Config(
        Guard(create_app(rooms), api_key, HOST, port),
        log_config=None,
        access_log=False,
        http=Connection,
        timeout_keep_alive=KEEP_ALIVE_S,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_CLOSE_CONNECTIONS_S,
    )
    server = _Server(config, rooms, announce)
    if with_parent:
        threading.Thread(target=server.exit_at_end_of_input, name="parent", daemon=True).start()
    try:
        await rooms.start()
        await server.serve([listener])
    finally:
        await rooms.close()


class _Server(uvicorn.Server):
    """Says when it is ready, and ends streams before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, rooms: Rooms, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._rooms = rooms
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()
        gc.freeze()  # what the start has made stays: it is not looked at again
        gc.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The timer keeps the promise should a thread hang: what was answered is on disk, however this ends."""
        last_resort = threading.Timer(_END_WITHIN_S, os._exit, (OK,))
        last_resort.daemon = True
        last_resort.start()
        for server in self.servers:
            server.close()
        await self._rooms.end_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's own, which raises the signal again in the end: here the rooms are closed after it."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self.handle_exit)
        yield

    def exit_at_end_of_input(self) -> None:
        """Ends with the process that started this one, however that one ends."""
        while sys.stdin.buffer.read(4096):
            pass
        self.should_exit = True


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; else each first word waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise StartError(
            f"Port {port} can't be used: {reason}. Choose another with --port, or 0 for a free one."
        ) from error
    return listener


def _api_key(settings: Settings) -> str:
    """The key from the environment; else the one in the keyring, made once; else a fresh one."""
    if settings.api_key is not None and settings.api_key.get_secret_value():
        return settings.api_key.get_secret_value()
    from desktop_app.settings.secrets import SERVICE_KEY, NoKeyringError, read_secret, write_secret

    fresh = "dk-" + secrets.token_urlsafe(32)
    try:
        stored = read_secret(SERVICE_KEY)
        if stored is None:
            write_secret(SERVICE_KEY, fresh)
        return stored or fresh
    except NoKeyringError:
        return fresh
