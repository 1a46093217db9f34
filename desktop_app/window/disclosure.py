"""A line with an arrow that shows more of a form, or less."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from desktop_app.window.icons import icon
from desktop_app.window.theme import Theme


class Disclosure(QToolButton):
    """`toggled(shown)`; checked while more is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggled.connect(self._tint)
        Theme.current().changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        name = "chevron-down" if self.isChecked() else "chevron-right"
        self.setIcon(icon(name, Theme.current().colours.muted, size=14))
