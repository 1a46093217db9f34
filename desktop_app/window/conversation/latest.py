"""The button that leads back to the end of a conversation."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QToolButton

from desktop_app.window.icons import icon
from desktop_app.window.theme import Theme
from desktop_app.window.virtual_list import VirtualList

SIZE = 34
DISTANCE = 12


class LatestButton(QToolButton):
    """Floats over the lower edge of `view` while that does not follow its end and the end is out of sight."""

    def __init__(self, view: VirtualList) -> None:
        super().__init__(view)
        self._view = view
        self.setToolTip("Go to the latest message")
        self.setAccessibleName("Latest message")
        self.setFixedSize(SIZE, SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the End key does the same
        self.clicked.connect(view.scroll_to_bottom)
        view.stuck_changed.connect(self._follow)
        view.verticalScrollBar().rangeChanged.connect(self._follow)
        view.installEventFilter(self)
        Theme.current().changed.connect(self._tint)
        self._tint()
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._follow()
        return super().eventFilter(watched, event)

    def _follow(self, *_: object) -> None:
        view, bar = self._view, self._view.verticalScrollBar()
        self.setVisible(not view.stuck and bar.maximum() - bar.value() > view.viewport().height() // 4)
        self.move((view.width() - SIZE) // 2, view.height() - SIZE - DISTANCE)

    def _tint(self) -> None:
        colours = Theme.current().colours
        self.setIcon(icon("chevron-down", colours.text))
        self.setStyleSheet(
            f"QToolButton {{ background: {colours.base.name()}; border: 1px solid {colours.border.name()};"
            f" border-radius: {SIZE // 2}px; }} QToolButton:hover {{ background: {colours.raised.name()}; }}"
        )
