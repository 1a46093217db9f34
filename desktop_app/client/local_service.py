"""The service on this machine: started as a child of the window, or found when the data folder already has one."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop_app.client.connection import Connection
from desktop_app.client.errors import LocalServiceError
from desktop_app.settings.given_keys import (
    SERVICE_VARIABLE,
    environment_without_keys,
    given_key,
    keys_to_hand_over,
)
from desktop_app.settings.paths import DataDir
from desktop_app.settings.program import program_command

START_TIMEOUT_S = 60.0
STOP_STEP_S = 6.0
"""The service promises to end within 5 s of being asked; each step of stopping it waits a little longer."""

NOTE_TIMEOUT_S = 5.0
_NOTE_PAUSE_S = 0.25

FOLDER_IN_USE = 3
"""The exit code of `deskside serve` when another service has the data folder."""

_STDERR_LINES = 8
_CREATE_NO_WINDOW = 0x08000000


class LocalService:
    """The service of one data folder. `start` makes or finds it, `stop` ends it if it is a child of ours."""

    def __init__(self, data_dir: Path, command: Sequence[str] | None = None) -> None:
        """`command` is for tests: a program that behaves like `deskside serve`."""
        self._data_dir = DataDir(data_dir)
        self._command = list(
            command
            or program_command("serve", "--port", "0", "--with-parent", "--keys-on-stdin", "--data-dir", str(data_dir))
        )
        self._process: Process | None = None
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._readers: list[asyncio.Task[None]] = []

    @property
    def is_child(self) -> bool:
        """Whether the service was started here (and not found running)."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> Connection:
        """Start the service and wait for its address, 60 s at most; raises LocalServiceError."""
        await self.stop()
        self._stderr.clear()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment_without_keys(),
                # A Ctrl+C in the terminal is the window's to handle: it ends its service in order.
                start_new_session=True,
                creationflags=_CREATE_NO_WINDOW if sys.platform == "win32" else 0,
            )
        except OSError as error:
            raise LocalServiceError(f"The service could not be started: {error}.") from error
        self._process = process
        assert process.stdin is not None
        process.stdin.write(keys_to_hand_over())
        self._readers = [asyncio.create_task(self._read_stderr(process), name="service.stderr")]
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                line = await self._first_line(process)
        except BaseException as error:
            code = await self.stop()
            if isinstance(error, TimeoutError):
                raise LocalServiceError(
                    f"The service did not start within {START_TIMEOUT_S:.0f} seconds.{self._last_words()}"
                ) from error
            if isinstance(error, EOFError) and code == FOLDER_IN_USE:
                return await self._find()
            if isinstance(error, EOFError):
                raise LocalServiceError(
                    f"The service ended at once (exit code {code}).{self._last_words()}"
                ) from error
            raise
        self._readers.append(asyncio.create_task(self._drain_stdout(process), name="service.stdout"))
        return _connection(line)

    async def wait(self) -> LocalServiceError:
        """Wait until the child ends by itself, and answer what it said last."""
        assert self._process is not None, "start() answers first"
        code = await self._process.wait()
        return LocalServiceError(f"The service ended unexpectedly (exit code {code}).{self._last_words()}")

    async def stop(self) -> int | None:
        """End the child in steps: its stdin is closed, then it is terminated, then killed; its exit code, if any."""
        process, self._process = self._process, None
        if process is None:
            return None
        try:
            for step in (_close_stdin, Process.terminate, Process.kill):
                with suppress(ProcessLookupError):
                    step(process)
                with suppress(TimeoutError):
                    async with asyncio.timeout(STOP_STEP_S):
                        await process.wait()
                    break
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        finally:
            await self._end_readers()
        return process.returncode

    async def _end_readers(self) -> None:
        readers, self._readers = self._readers, []
        if readers:
            # The pipes of an ended child are at their end; a grandchild that holds them open must not hold us.
            await asyncio.wait(readers, timeout=0.5)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def _first_line(self, process: Process) -> bytes:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            raise EOFError
        return line

    async def _read_stderr(self, process: Process) -> None:
        assert process.stderr is not None
        while line := await _line(process.stderr):
            self._stderr.append(line.decode(errors="replace").rstrip())

    async def _drain_stdout(self, process: Process) -> None:
        assert process.stdout is not None
        while await process.stdout.read(4096):
            pass

    def _last_words(self) -> str:
        """The last line that it wrote to stderr: of a traceback, the one that names the error."""
        words = next((line.strip() for line in reversed(self._stderr) if line.strip()), "")
        return f" It said: {words[:500]}" if words else ""

    async def _find(self) -> Connection:
        """The running service that has the data folder: its address from its note, its key from the keyring."""
        note = await self._running_note()
        key = given_key(SERVICE_VARIABLE) or await asyncio.to_thread(_stored_key)
        if not key:
            raise LocalServiceError(
                f"Another Deskside service (process {note['pid']}) uses the folder {self._data_dir.root}, and its key "
                "is not in the keyring. End that process, or start Deskside with DESKSIDE_API_KEY set to its key."
            )
        return Connection(note["base_url"], key)

    async def _running_note(self) -> dict[str, Any]:
        # A service that is only just starting writes its note within moments.
        for _ in range(1 + round(NOTE_TIMEOUT_S / _NOTE_PAUSE_S)):
            with suppress(OSError, ValueError):
                note = json.loads(self._data_dir.service_note.read_text("utf-8"))
                if isinstance(note, dict) and isinstance(note.get("base_url"), str) and "pid" in note:
                    return note
            await asyncio.sleep(_NOTE_PAUSE_S)
        raise LocalServiceError(
            f"Another Deskside program uses the folder {self._data_dir.root}, but left no address. "
            "Close it and try again."
        )


def _close_stdin(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line; one that is longer than the reader's limit comes in pieces."""
    try:
        return await stream.readline()
    except ValueError:
        return await stream.read(4096)


def _connection(line: bytes) -> Connection:
    try:
        greeting = json.loads(line)
        return Connection(greeting["base_url"], greeting["api_key"])
    except (ValueError, KeyError, TypeError) as error:
        raise LocalServiceError(f"The service answered something unexpected: {line[:200]!r}.") from error


def _stored_key() -> str | None:
    from desktop_app.settings.secrets import SERVICE_KEY, NoKeyringError, read_secret

    try:
        return read_secret(SERVICE_KEY)
    except NoKeyringError:
        return None
