"""What an empty conversation shows: at the first start the ways to begin, else what can be done here; and suggested
questions that ask themselves on a click."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Theme, interface_font

Way = Literal["reader", "connect", "local"]

COLUMN_WIDTH = 460

WAYS: dict[Way, tuple[str, str, str]] = {
    "reader": (
        "book",
        "Use the reader now",
        "Quotes the answer from your documents. No key, no download, no network.",
    ),
    "connect": ("globe", "Connect a model", "OpenAI, any compatible service, or Ollama and others on this computer."),
    "local": ("cpu", "Open a local model", "Download one or open a .gguf file. Nothing leaves this computer."),
}
"""Icon, name and a sentence."""


class WayButton(QPushButton):
    """A way to begin: its icon, its name, and a sentence below it."""

    def __init__(self, icon_name: str, name: str, sentence: str) -> None:
        super().__init__()
        self._icon = icon_name
        self.setAccessibleName(name)
        self.setAccessibleDescription(sentence)
        self.setProperty("class", "suggestion")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._sign = QLabel()
        title = QLabel(name)
        title.setFont(interface_font(10.5, QFont.Weight.DemiBold))
        text = QLabel(sentence)
        text.setFont(interface_font(9))
        text.setProperty("class", "heading")
        text.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(text)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(14, 9, 14, 9)
        row.setSpacing(14)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        for part in (self._sign, title, text):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        Theme.current().changed.connect(self._tint)
        self._tint()

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.minimumSize()

    def _tint(self) -> None:
        self._sign.setPixmap(pixmap(self._icon, Theme.current().colours.accent, 22, self.devicePixelRatioF()))


class Welcome(QScrollArea):
    """`asked(question)` when a suggested question was clicked, `chosen(way)` when a way to begin was."""

    asked = Signal(str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._symbol = QLabel()
        self._symbol.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title = QLabel()
        self._title.setFont(interface_font(17, QFont.Weight.DemiBold))
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title.setWordWrap(True)
        self._text = QLabel()
        self._text.setProperty("class", "heading")
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setWordWrap(True)
        self.ways: dict[Way, WayButton] = {}
        self._ways = QVBoxLayout()
        self._ways.setSpacing(8)
        self._beginning = QLabel("Or begin with a question about the sample documents:")
        self._beginning.setFont(interface_font(9.5))
        self._beginning.setProperty("class", "heading")
        self._beginning.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._questions = QVBoxLayout()
        self._questions.setSpacing(8)
        self.buttons: list[QPushButton] = []
        column = QWidget()
        column.setMaximumWidth(COLUMN_WIDTH)
        inner = QVBoxLayout(column)
        inner.setSpacing(10)
        inner.addStretch(2)
        inner.addWidget(self._symbol)
        inner.addWidget(self._title)
        inner.addWidget(self._text)
        inner.addSpacing(10)
        inner.addLayout(self._ways)
        inner.addWidget(self._beginning)
        inner.addLayout(self._questions)
        inner.addStretch(3)
        content = QWidget()
        self.setWidget(content)
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column, 1, Qt.AlignmentFlag.AlignHCenter)
        column.setMinimumWidth(min(COLUMN_WIDTH, 280))
        Theme.current().changed.connect(self._tint)
        self._tint()
        self.show_ways(False)

    def show_ways(self, shown: bool) -> None:
        """Whether the ways to begin are offered; most starts do without them."""
        if shown and not self.ways:
            for way, words in WAYS.items():
                self.ways[way] = WayButton(*words)
                self.ways[way].clicked.connect(lambda _=False, way=way: self.chosen.emit(way))
                self._ways.addWidget(self.ways[way])
        for button in self.ways.values():
            button.setVisible(shown)
        self._ways_shown = shown
        self._beginning.setVisible(shown and bool(self.buttons))
        self._symbol.setVisible(not shown)

    def show_for(self, title: str, text: str, questions: Sequence[str], ready: bool) -> None:
        """The headline, a sentence under it, and the questions as buttons; they work once `ready`."""
        self._title.setText(title)
        self._text.setText(text)
        if [button.text() for button in self.buttons] != list(questions):
            for button in self.buttons:
                button.deleteLater()
            self.buttons = [self._button(question) for question in questions]
        for button in self.buttons:
            button.setEnabled(ready)
        self._beginning.setVisible(self._ways_shown and bool(self.buttons))

    def _button(self, question: str) -> QPushButton:
        button = QPushButton(question)
        button.setAccessibleName(question)
        button.setProperty("class", "suggestion")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.asked.emit(question))
        self._questions.addWidget(button)
        return button

    def _tint(self) -> None:
        self._symbol.setPixmap(pixmap("sparkle", Theme.current().colours.accent, 34, self.devicePixelRatioF()))
