"""The owner's side of a model process: start it, have it load a model, ask it, end it."""

import asyncio
import subprocess
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop_app.settings.frames import packed_frame, receive_frame
from desktop_app.settings.program import worker_command, worker_environment

CANCEL_WITHIN_S = 1.0
"""An answer stops at its next word; while a long question is read there is none, and the process is ended instead."""

THREADS_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Else its threads wait for each other in busy loops, which makes them many times slower beside other work."""
_EXIT_WITHIN_S = 2.0


class LoadError(Exception):
    """The model can't be loaded; the message is llama.cpp's own."""


class RefusedError(Exception):
    """The model's program says no to a request; the message is its own."""


class ProcessEndedError(Exception):
    """The process is gone. The message goes on after "the process that runs it"."""


class ModelProcess:
    """One process with one model; it answers one question after the other, and ends with this process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._orders = process.stdin
        self._frames: asyncio.Queue[tuple[dict[str, Any], bytes] | None] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(process.stdout), name="model process")
        self._ended = False
        self.gpu_layers = 0

    @classmethod
    async def start(cls) -> "ModelProcess":
        return cls(
            await asyncio.create_subprocess_exec(
                *worker_command("model-worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=worker_environment() | THREADS_ENVIRONMENT,
                start_new_session=True,  # Ctrl+C in a terminal is for the service: it ends its workers itself
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: no console on the screen
            )
        )

    @property
    def runs(self) -> bool:
        return not self._ended and self._process.returncode is None

    async def load(self, path: Path, context_tokens: int, threads: int, gpu_layers: int | None) -> None:
        """`gpu_layers` None: as many as fit. Raises LoadError, ProcessEndedError."""
        options = {"context_tokens": context_tokens, "threads": threads, "gpu_layers": gpu_layers}
        await self._order({"kind": "load", "path": str(path)} | options)
        fields, _ = await self._next()
        if fields["kind"] == "failed":
            raise LoadError(str(fields["message"]))
        self.gpu_layers = int(fields["gpu_layers"])

    async def answer(self, body: bytes) -> AsyncGenerator[bytes]:
        """The chunks of an answer to a Chat Completions request, as JSON; closing it stops the model.

        Raises RefusedError, ProcessEndedError.
        """
        await self._order({"kind": "ask"}, body)
        over = False
        try:
            while True:
                fields, chunk = await self._next()
                if fields["kind"] == "end":
                    over = True
                    if "refused" in fields:
                        raise RefusedError(str(fields["refused"]))
                    return
                yield chunk
        finally:
            if not over and self.runs:
                await self._cancel()

    async def close(self) -> None:
        """End the process, whatever it does."""
        self._kill()
        await self._process.wait()
        await self._reader
        self._orders.close()

    async def _cancel(self) -> None:
        try:
            async with asyncio.timeout(CANCEL_WITHIN_S):
                await self._order({"kind": "cancel"})
                while (await self._next())[0]["kind"] != "end":
                    pass
        except (TimeoutError, ProcessEndedError, asyncio.CancelledError):
            self._kill()

    def _kill(self) -> None:
        self._ended = True
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _order(self, fields: dict[str, Any], attached: bytes = b"") -> None:
        try:
            self._orders.write(packed_frame(fields, attached))
            await self._orders.drain()
        except OSError as error:
            raise await self._end() from error

    async def _next(self) -> tuple[dict[str, Any], bytes]:
        frame = await self._frames.get()
        if frame is None:
            raise await self._end()
        return frame

    async def _end(self) -> ProcessEndedError:
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_WITHIN_S):
                await self._process.wait()  # it closed its pipe: how it ended tells why
        await self.close()
        code = self._process.returncode
        if code == -9:
            return ProcessEndedError("was ended by the system, most likely because memory ran out")
        return ProcessEndedError(f"crashed (exit code {code})")

    async def _read(self, stream: asyncio.StreamReader) -> None:
        """Frames are taken as a whole here, so that whoever stops waiting for one loses nothing."""
        while (frame := await receive_frame(stream)) is not None:
            self._frames.put_nowait(frame)
        self._frames.put_nowait(None)
