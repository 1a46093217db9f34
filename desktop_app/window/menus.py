"""The menus: every action of the window with its name and shortcut, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow


@dataclass(frozen=True)
class Command:
    """One entry of a menu. `shortcut` is portable text such as "Ctrl+N"; `None` in a menu is a separator."""

    text: str
    shortcut: str
    run: Callable[[], object]
    enabled: Callable[[], bool] = lambda: True


Menu = tuple[str, Sequence[Command | None]]


class Menus:
    """Builds the menu bar. What can't be done is grey while a menu is open; a shortcut asks in its own moment."""

    def __init__(self, window: QMainWindow, menus: Sequence[Menu]) -> None:
        self._actions: list[tuple[QAction, Command]] = []
        for title, commands in menus:
            menu = window.menuBar().addMenu(title)
            menu.aboutToShow.connect(self._grey_out)
            menu.aboutToHide.connect(self._enable_all)
            for command in commands:
                if command is None:
                    menu.addSeparator()
                    continue
                action = QAction(command.text, window)
                action.setShortcut(QKeySequence(command.shortcut))
                action.triggered.connect(lambda _=False, command=command: command.enabled() and command.run())
                menu.addAction(action)
                self._actions.append((action, command))

    def _grey_out(self) -> None:
        for action, command in self._actions:
            action.setEnabled(command.enabled())

    def _enable_all(self) -> None:
        for action, _ in self._actions:
            action.setEnabled(True)
