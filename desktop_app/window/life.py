"""The window's life after its first paint: the event loop that Qt and asyncio share, signals, and a quiet end."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop_app.window.frame import Frame
from desktop_app.window.link import ServiceLink
from desktop_app.window.tasks import Tasks

LAUNCH_S = 0.005
"""A few turns of the event loop: in them the service's process is launched."""


class ScreenLostError(Exception):
    """The display server ended while the window was open; nothing of Qt can be used or taken down any more."""


def live(app: QApplication, frame: Frame, data_dir: Path, files: Sequence[Path]) -> None:
    """Furnish `frame` and run until a person closes it and everything has ended; raises ScreenLostError."""
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    life = loop.create_task(_live(app, frame, data_dir, files), name="window")
    try:
        loop.run_until_complete(life)
    except RuntimeError as error:
        if life.done():
            raise
        raise ScreenLostError from error  # Qt has left its event loop by itself
    loop.close()


async def _live(app: QApplication, frame: Frame, data_dir: Path, files: Sequence[Path]) -> None:
    link = ServiceLink(data_dir, Tasks())
    link.start()
    await asyncio.sleep(LAUNCH_S)
    # The service starts on another core while this one imports and makes what the window shows.
    from desktop_app.window.main_window import MainWindow

    window = MainWindow(data_dir, link, files)
    ended = asyncio.Event()
    window.closed.connect(ended.set)
    app.commitDataRequest.connect(lambda _: frame.close())
    signals = _Signals(frame.close)
    frame.furnish(window)
    if frame.closed_early:
        frame.close()
    await ended.wait()
    signals.close()
    frame.deleteLater()
    await asyncio.get_running_loop().shutdown_asyncgens()


class _Signals:
    """Ctrl+C and SIGTERM close the window in order: Python's handlers would wait until Qt runs Python code again."""

    def __init__(self, close: object) -> None:
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda: self._woken(close))
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._old = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}

    def _woken(self, close: object) -> None:
        with suppress(BlockingIOError):
            self._read.recv(64)
        assert callable(close)
        close()

    def close(self) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()
