"""Starts the window: the application, its look, the event loop that Qt and asyncio share, and a quiet end."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QSocketNotifier, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop_app.settings.paths import APP_NAME
from desktop_app.window.icons import icon
from desktop_app.window.theme import Theme

_log = logging.getLogger("qt")

NO_SCREEN = (
    "Deskside can't open its window: there is no screen here (or a system library for Qt is missing).\n"
    'Ask in the terminal instead: deskside ask --file FILE "QUESTION"\n'
    "What works on this computer: deskside doctor"
)


def run(data_dir: Path, files: Sequence[Path] = ()) -> int:
    """Show the window until a person closes it; the exit code. `data_dir` exists."""
    qInstallMessageHandler(_qt_message)
    app = QApplication(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName("Deskside")
    app.setDesktopFileName(APP_NAME)
    app.setQuitOnLastWindowClosed(False)
    theme = Theme.current()
    theme.apply()
    app.setWindowIcon(icon("sparkle", theme.colours.accent, size=64))
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_show(app, data_dir, files))
    return 0


async def _show(app: QApplication, data_dir: Path, files: Sequence[Path]) -> None:
    from desktop_app.window.main_window import MainWindow

    window = MainWindow(data_dir, files)
    ended = asyncio.Event()
    window.closed.connect(ended.set)
    app.commitDataRequest.connect(lambda _: window.close())
    signals = _Signals(window.close)
    window.show()
    await ended.wait()
    signals.close()
    window.deleteLater()
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


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's complaints go to the log; where it would abort without a screen, we say what can be done instead."""
    if kind is QtMsgType.QtFatalMsg:
        sys.stderr.write(f"{NO_SCREEN if 'platform plugin' in text else text}\n")
        sys.stderr.flush()
        os._exit(1)
    # While it starts, Qt tells of every screen it could not reach; without a screen, of every size it can't ask for.
    if QApplication.startingUp() or "propagateSizeHints" in text:
        return
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg):
        _log.warning("%s", text)
