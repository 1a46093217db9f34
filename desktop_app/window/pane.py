"""The frame that the panes share: a heading with small tool buttons, and the content under it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop_app.window.elided_label import ElidedLabel
from desktop_app.window.icons import icon
from desktop_app.window.theme import SPACING, Theme, interface_font


class Pane(QWidget):
    """A titled column: `Pane("Threads")`, then `add_tool` and `set_content`."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = ElidedLabel(title)
        self._heading.setProperty("class", "heading")
        self._heading.setFont(interface_font(9.5, QFont.Weight.DemiBold))
        self._tools: list[tuple[QToolButton, str]] = []
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(4, 0, 0, 0)
        self._bar.setSpacing(2)
        self._bar.addWidget(self._heading, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING - 2)
        self._column.addLayout(self._bar)
        self._bar_height()
        Theme.current().changed.connect(self._tint)

    def set_title(self, title: str) -> None:
        self._heading.setText(title)

    def add_tool(self, icon_name: str, name: str, on_click: Callable[[], object]) -> QToolButton:
        """A small button at the right of the heading; `name` is its tooltip and its name for screen readers."""
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: on_click())
        self._bar.addWidget(button)
        self._tools.append((button, icon_name))
        self._tint()
        return button

    def set_content(self, content: QWidget) -> None:
        self._column.addWidget(content, 1)

    def _bar_height(self) -> None:
        # Headings stand on one line across the columns, with and without buttons.
        self._heading.setMinimumHeight(30)

    def _tint(self) -> None:
        colours = Theme.current().colours
        for button, name in self._tools:
            button.setIcon(icon(name, colours.muted, colours.border))
