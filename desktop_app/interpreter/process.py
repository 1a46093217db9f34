"""A worker process as the host holds it: three pipes, a thread on each, and the means to stop it.

What comes out of it is hostile: anything unexpected kills it. Nobody waits for it without a limit.
"""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Protocol

from desktop_app.settings.frames import packed_frame, read_frame

_MOST_BYTES, _MOST_HEAD_BYTES = 32 * 1024 * 1024, 16 * 1024
_MOST_WAITING = 16
"""Frames that nobody has taken yet; when there are more, the worker waits."""
_WAIT_S = 0.5
_CHUNK = 64 * 1024
_END_S = 5.0
_LAST_WORDS_S = 1.0


class Started(Protocol):
    """What is used of a Popen; Windows has one of our own (windows/container.py), which is frozen by its methods."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    @property
    def stderr(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float, /) -> int: ...
    def kill(self) -> None: ...


class Gone(Exception):  # noqa: N818 - a state, not a fault of ours
    """The worker has ended, or sent nonsense and was ended."""


class WorkerProcess:
    """`pid`: the worker itself, which inside bubblewrap is not the process that was started."""

    def __init__(self, started: Started, pid: int) -> None:
        self.pid = pid
        self._started = started
        self._events: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue(_MOST_WAITING)
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unheard: list[bytes] = []
        self._printed: Callable[[bytes], None] = self._unheard.append
        self._lock = threading.Lock()
        self._killed = False
        self.ended = threading.Event()
        assert started.stdin is not None
        assert started.stdout is not None
        assert started.stderr is not None
        self._thread("write", self._write, started.stdin)
        self._thread("read", self._read, started.stdout)
        self._logs = self._thread("logs", self._read_printed, started.stderr)

    def send(self, fields: dict[str, Any]) -> None:
        """Send a frame; never blocks."""
        self._requests.put(packed_frame(fields))

    def receive(self, timeout_s: float) -> tuple[dict[str, Any], bytes] | None:
        """The next frame with what is attached, or None after the time; raises Gone."""
        try:
            event = self._events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            event = None
        if event is None and self.ended.is_set():
            raise Gone
        return event

    def on_printed(self, take: Callable[[bytes], None]) -> None:
        """Who gets what the worker prints from now on, on a thread of this object."""
        self._printed = take

    def freeze(self) -> None:
        """Stop its clock between cells."""
        self._hold("SIGSTOP", "freeze")

    def thaw(self) -> None:
        self._hold("SIGCONT", "thaw")

    def kill(self) -> None:
        """End it and see it end; callable from any thread, more than once."""
        with self._lock:
            first, self._killed = not self._killed, True
            if first and self._started.poll() is None:
                with suppress(OSError):
                    if self.pid != self._started.pid:
                        os.kill(self.pid, signal.SIGKILL)  # bubblewrap ends when it has seen the worker end
                    else:
                        self._started.kill()
        if not first:
            self.ended.wait(_END_S)
            return
        self._requests.put(None)
        try:
            self._started.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._started.kill()
            self._started.wait(_END_S)
        self.ended.set()
        with suppress(queue.Full):
            self._events.put_nowait(None)  # wakes who waits

    def last_words(self) -> str:
        """What an ended worker printed last, when nobody else took it."""
        self._logs.join(_LAST_WORDS_S)
        return b"".join(self._unheard).decode(errors="replace").strip().rpartition("\n")[2]

    def _thread(self, name: str, target: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
        thread = threading.Thread(target=target, args=(stream,), name=f"code-{name}-{self.pid}", daemon=True)
        thread.start()
        return thread

    def _hold(self, name: str, method: str) -> None:
        """Send a signal, or where there are none, do what the started process has for it."""
        number = getattr(signal, name, None)
        with self._lock, suppress(OSError):
            if self._killed or self._started.poll() is not None:
                return
            if number is None:
                getattr(self._started, method)()
            else:
                os.kill(self.pid, number)

    def _write(self, stream: IO[bytes]) -> None:
        try:
            with suppress(OSError, ValueError), stream:
                while (request := self._requests.get()) is not None:
                    stream.write(request)
                    stream.flush()
        finally:
            self.kill()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            with suppress(OSError, ValueError), stream:
                while (frame := read_frame(stream, _MOST_BYTES, _MOST_HEAD_BYTES)) is not None:
                    self._keep(frame)
        finally:  # also after an error that nobody thought of: who waits must learn of it
            self.kill()

    def _keep(self, frame: tuple[dict[str, Any], bytes]) -> None:
        """Have a frame wait for `receive`; not for ever, for there may be nobody."""
        while not self._killed:
            with suppress(queue.Full):
                self._events.put(frame, timeout=_WAIT_S)
                return

    def _read_printed(self, stream: IO[bytes]) -> None:
        descriptor = stream.fileno()
        try:
            with suppress(OSError, ValueError), stream:
                while chunk := os.read(descriptor, _CHUNK):
                    self._printed(chunk)
        finally:
            if not self.ended.is_set():
                self.kill()
