"""The process in which code runs: it confines itself, proves it, then takes cells until the host is gone.

Three pipes and nothing else: frames in (0), frames out (1), and all that code prints (2). The first frame is the
host's orders.
"""

import errno
import logging
import os
import queue
import signal
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

from desktop_app.interpreter import canary, figures
from desktop_app.interpreter.cells import Cells, Outcome
from desktop_app.interpreter.orders import Orders
from desktop_app.settings.frames import read_frame, write_frame


def run() -> int:
    """Serve the host until it closes the pipe."""
    frames_in, frames_out = _take_pipes()
    if (begin := read_frame(frames_in)) is None:
        return 1
    orders = Orders.of(begin[0])
    _settle(orders)
    _confine(orders)
    _Worker(orders, frames_in, frames_out).serve()
    return 0


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the frames' pipes to ourselves: code reads nothing, and prints into the third pipe."""
    frames_in, frames_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - lives as long as the process
    _open_printing()
    return frames_in, frames_out


def _open_printing() -> None:
    """One stream for all that is printed, so that it stays in order; code may have closed or replaced the last."""
    printed = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115 - likewise
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = printed  # type: ignore[misc]  # the last two are final


def _settle(orders: Orders) -> None:
    """Be at home in the data folder, and leave no trace of how the program was started."""
    os.umask(0o077)
    os.chdir(orders.data)
    for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
        os.environ.pop(name, None)
    sys.path[:] = [entry for entry in sys.path if entry and not (Path(entry) / "desktop_app").is_dir()]
    sys.path.append(orders.data)  # last: a json.py of the data is not what libraries mean
    sys.argv = [""]
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode.*")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # that it looks for fonts is no result
    if sys.platform == "linux":
        os.utime = _utime
    os.system = _system  # type: ignore[assignment]  # it never returns


def _system(command: str) -> NoReturn:
    """Refused, like everything that starts a program; the system's own only answers a number that nobody reads."""
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def _utime(path: Any, *_: object, **__: object) -> None:
    """The system pretends success for dates, also of files that aren't there; Path.touch() must learn of those."""
    if not isinstance(path, int):
        os.stat(path)  # noqa: PTH116 - as os.utime takes it


def _confine(orders: Orders) -> None:
    if sys.platform == "linux":
        from desktop_app.interpreter.linux import process

        process.confine(orders)
    elif sys.platform == "darwin":
        from desktop_app.interpreter import macos

        macos.confine(orders)
    # On Windows the host has confined this process before its first instruction (windows.py).


class _Worker:
    def __init__(self, orders: Orders, frames_in: IO[bytes], frames_out: IO[bytes]) -> None:
        self._out = frames_out
        self._in = frames_in
        self._orders = orders
        self._requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cells = Cells(orders.data, orders.memory_bytes, self._send_shown)
        self._cell = 0
        self._in_code = False
        self._interrupted = False
        self._sending = threading.Lock()

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._on_interrupt)
        got_through = canary.sing(self._orders, sys.platform)
        threading.Thread(target=self._receive, name="frames", daemon=True).start()
        self._send({"kind": "ready", "canary": got_through})
        while True:
            request = self._requests.get()
            if request["kind"] == "preload":
                self._preload()
            elif request["kind"] == "run":
                self._run(request)

    def _run(self, request: dict[str, Any]) -> None:
        self._cell = request["id"]
        signal.signal(signal.SIGINT, self._on_interrupt)  # code may have put its own there
        _open_printing()
        with suppress(OSError):
            os.mkdir(f"{self._orders.data}/.tmp", 0o700)  # noqa: PTH102 - where tempfile looks, if code removed it
        self._interrupted = False
        outcome: Outcome = "interrupted"
        try:
            try:
                self._in_code = True
                outcome = self._cells.run(request["code"])
            finally:
                self._in_code = False
        except KeyboardInterrupt:
            pass  # between two instructions of our own: interrupted is what it is
        except Exception:  # code has taken something away that its own report needs
            outcome = "error"
        with suppress(Exception):  # code may have closed or replaced it
            sys.stdout.flush()
        with suppress(OSError):
            os.write(2, request["mark"].encode())
        self._send({"kind": "done", "id": self._cell, "outcome": outcome})

    def _preload(self) -> None:
        """Import what most code asks for, and draw a plot that nobody sees, so that the first one need not wait."""
        with suppress(Exception):  # code that needs it meets the reason itself
            import openpyxl  # noqa: F401 - loaded, not used
            import pandas

            pandas.DataFrame({"x": [1, 2]}).plot()
            figures.draw_unseen()
        self._send({"kind": "preloaded"})

    def _receive(self) -> None:
        """Pass requests on; interrupt the code when asked; end with the host, also in the middle of a cell."""
        try:
            while (frame := read_frame(self._in)) is not None:
                request, _ = frame
                if request["kind"] == "interrupt":
                    self._interrupt()
                else:
                    self._requests.put(request)
        finally:
            os._exit(0)

    def _interrupt(self) -> None:
        if hasattr(signal, "pthread_kill"):
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        else:
            import _thread

            _thread.interrupt_main()

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        if self._in_code:
            raise KeyboardInterrupt

    def _send_shown(self, kind: str, content: bytes) -> None:
        """Called by code: an interrupt waits until the frame is whole."""
        in_code, self._in_code = self._in_code, False
        try:
            self._send({"kind": kind, "id": self._cell}, content)
        finally:
            self._in_code = in_code
        if self._interrupted:
            raise KeyboardInterrupt

    def _send(self, fields: dict[str, Any], attached: bytes = b"") -> None:
        with self._sending:
            write_frame(self._out, fields, attached)
