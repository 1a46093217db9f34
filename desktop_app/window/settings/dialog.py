"""The Settings dialog: the names of its pages, and beside them the chosen one, made when it is first shown."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.window.icons import icon, pixmap
from desktop_app.window.session import Session
from desktop_app.window.settings.code_page import CodePage
from desktop_app.window.settings.local_page import LocalPage
from desktop_app.window.settings.models_page import ModelsPage
from desktop_app.window.settings.page import Page
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import Theme

PAGES: dict[str, tuple[str, Callable[[Session, Tasks], Page]]] = {
    "Models": ("globe", ModelsPage),
    "Local models": ("cpu", LocalPage),
    "Code interpreter": ("file-code", CodePage),
}
"""Name, icon, and what makes the page."""


class SettingsDialog(QDialog):
    """Open it with `open()`, again and again; `show_page("Models")` goes to a page by its name."""

    def __init__(self, session: Session, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self._session, self._tasks = session, tasks
        self._made: dict[str, Page] = {}
        self.names = QListWidget()
        self.names.setAccessibleName("Pages")
        self.names.setProperty("class", "pages")
        self.names.setFixedWidth(170)
        self.names.setIconSize(QSize(18, 18))
        for name in PAGES:
            self.names.addItem(QListWidgetItem(name))
        self._stack = QStackedWidget()
        self.close_button = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.close_button.rejected.connect(self.reject)
        right = QVBoxLayout()
        right.setContentsMargins(20, 20, 20, 16)
        right.setSpacing(12)
        right.addWidget(self._stack, 1)
        right.addWidget(self.close_button)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 10, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.names)
        row.addLayout(right, 1)
        self.resize(880, 680)
        self.names.currentTextChanged.connect(self._show)
        Theme.current().changed.connect(self._tint)
        self._tint()

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self._made[self.names.currentItem().text()]

    def show_page(self, name: str) -> None:
        self.names.setCurrentRow(list(PAGES).index(name))

    def _show(self, name: str) -> None:
        if name not in self._made:
            self._made[name] = PAGES[name][1](self._session, self._tasks)
            self._stack.addWidget(self._made[name])
        self._stack.setCurrentWidget(self._made[name])

    def _tint(self) -> None:
        colours = Theme.current().colours
        for row, (name, _) in enumerate(PAGES.values()):
            sign = icon(name, colours.muted)
            sign.addPixmap(pixmap(name, colours.accent, ratio=self.devicePixelRatioF()), QIcon.Mode.Selected)
            self.names.item(row).setIcon(sign)
