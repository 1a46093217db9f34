"""Starts the window: the application, its look, its first paint; everything else is imported after that."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from desktop_app.settings.paths import APP_NAME
from desktop_app.window.frame import Frame
from desktop_app.window.memory import Memory
from desktop_app.window.theme import Theme

_log = logging.getLogger("qt")

NO_SCREEN = (
    "Deskside can't open its window: there is no screen here (or a system library for Qt is missing).\n"
    'Ask in the terminal instead: deskside ask --file FILE "QUESTION"\n'
    "What works on this computer: deskside doctor"
)
SCREEN_LOST = "Deskside lost its screen and had to close. Your threads and documents are saved; start it again."


def run(data_dir: Path, files: Sequence[Path] = ()) -> int:
    """Show the window until a person closes it; the exit code. `data_dir` exists."""
    qInstallMessageHandler(_qt_message)
    app = QApplication(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName("Deskside")
    app.setDesktopFileName(APP_NAME)
    app.setQuitOnLastWindowClosed(False)
    frame = Frame(Memory(data_dir))
    frame.show_at_once()
    from desktop_app.window.icons import icon
    from desktop_app.window.life import ScreenLostError, live

    theme = Theme.current()
    theme.apply()
    app.setWindowIcon(icon("sparkle", theme.colours.accent, size=64))
    try:
        live(app, frame, data_dir, files)
    except ScreenLostError:
        _end_at_once(SCREEN_LOST)  # our service sees its parent end, and ends in order
    return 0


def _end_at_once(words: str) -> NoReturn:
    """For when Qt can't go on and can't be taken down either."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
    os._exit(1)


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's complaints go to the log; where it would abort without a screen, we say what can be done instead."""
    if kind is QtMsgType.QtFatalMsg:
        _end_at_once(NO_SCREEN if "platform plugin" in text else text)
    # While it starts, Qt tells of every screen it could not reach; without a screen, of every size it can't ask for.
    if QApplication.startingUp() or "propagateSizeHints" in text:
        return
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg):
        _log.warning("%s", text)
