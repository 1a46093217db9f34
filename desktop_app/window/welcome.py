"""What an empty conversation shows: what can be done here, and suggested questions that ask themselves on a click."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Theme, interface_font

COLUMN_WIDTH = 460


class Welcome(QWidget):
    """`asked(question)` when a suggested question was clicked."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        inner.addLayout(self._questions)
        inner.addStretch(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column, 1, Qt.AlignmentFlag.AlignHCenter)
        column.setMinimumWidth(min(COLUMN_WIDTH, 320))
        self._column = column
        Theme.current().changed.connect(self._tint)
        self._tint()

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
