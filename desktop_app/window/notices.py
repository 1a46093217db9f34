"""The one place where trouble reaches the person: a quiet bar that logic reports to and the window shows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from desktop_app.window.icons import icon, pixmap
from desktop_app.window.theme import Colours, Theme


class Level(Enum):
    """How grave a notice is: the icon that is shown and the property of the theme that tints it."""

    INFO = ("info", "accent")
    WARNING = ("warning", "warning")
    ERROR = ("warning", "danger")


@dataclass(frozen=True)
class Notice:
    """A sentence for the person, with at most one thing to do about it.

    A notice replaces the shown one unless that is graver and of another `topic`; `Notices.clear(topic)` takes it back
    when its cause is gone.
    """

    text: str
    level: Level = Level.INFO
    topic: str = ""
    action: str = ""
    on_action: Callable[[], object] | None = None


class Notices(QFrame):
    """The bar; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notices")
        self.shown: Notice | None = None
        self._symbol = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action_button = QPushButton()
        self.action_button.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setToolTip("Dismiss")
        self.close_button.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._symbol)
        row.addWidget(self.label, 1)
        row.addWidget(self.action_button)
        row.addWidget(self.close_button)
        self.hide()
        Theme.current().changed.connect(self._tint)

    def report(self, notice: Notice) -> None:
        """Show a notice."""
        gravity = list(Level)
        if (
            self.shown is not None
            and self.shown.topic != notice.topic
            and gravity.index(self.shown.level) > gravity.index(notice.level)
        ):
            return
        self.shown = notice
        self.label.setText(notice.text)
        self.label.setAccessibleName(notice.text)
        self.action_button.setVisible(bool(notice.action))
        self.action_button.setText(notice.action)
        self._tint()
        self.show()

    def clear(self, topic: str | bool | None = None) -> None:
        """Take back the notice, or only one of that topic."""
        if self.shown is not None and (not isinstance(topic, str) or self.shown.topic == topic):
            self.shown = None
            self.hide()

    def _act(self) -> None:
        notice = self.shown
        self.clear()
        if notice is not None and notice.on_action is not None:
            notice.on_action()

    def _tint(self) -> None:
        if self.shown is None:
            return
        colours = Theme.current().colours
        name, tint = self.shown.level.value
        colour = getattr(colours, tint)
        self._symbol.setPixmap(pixmap(name, colour, 18, self.devicePixelRatioF()))
        self.close_button.setIcon(icon("close", colours.muted))
        self.setStyleSheet(_frame(colours, colour.name()))


def _frame(colours: Colours, tint: str) -> str:
    return f"Notices {{ background: {colours.base.name()}; border: 1px solid {tint}; border-radius: 8px; }}"
