"""Where questions are written: a box that grows with its text, Send that becomes Stop, and what the run is doing."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.window.elided_label import ElidedLabel
from desktop_app.window.icons import icon
from desktop_app.window.theme import RADIUS, Theme, interface_font

MAX_LINES = 8
MODEL_WIDTH = 130
"""Widest name of a model on its button, in pixels."""


def local_files(mime: QMimeData) -> list[Path]:
    """The files and folders of a drop or of the clipboard that are on this computer."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class MessageEdit(QPlainTextEdit):
    """The text field: Enter sends, Shift+Enter starts a line; files that are pasted go to the documents."""

    submitted = Signal()
    files_pasted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Message")
        self.setPlaceholderText("Ask about your documents…")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0; }")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(3)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.submitted.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        # Dropped files belong to the whole window, so the field leaves them to it.
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if files := local_files(source):
            self.files_pasted.emit(files)
        else:
            super().insertFromMimeData(source)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def _fit(self) -> None:
        lines = max(1, int(self.document().documentLayout().documentSize().height()))
        height = QFontMetrics(self.font()).lineSpacing() * min(lines, MAX_LINES)
        self.setFixedHeight(height + 2 * int(self.document().documentMargin()) + 2)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if lines > MAX_LINES else policy.ScrollBarAlwaysOff)


class Composer(QWidget):
    """The message box with its buttons and the line above it.

    `sent(text)` is never empty text; `stopped()` while an answer runs; `attach_asked()`; `files_pasted(paths)`;
    `model_asked()` when another model is to be chosen.
    """

    sent = Signal(str)
    stopped = Signal()
    attach_asked = Signal()
    files_pasted = Signal(list)
    model_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ready = False
        self._busy = False
        self.edit = MessageEdit()
        self.edit.submitted.connect(self._send)
        self.edit.files_pasted.connect(self.files_pasted)
        self.edit.textChanged.connect(self._refresh)
        self.status = ElidedLabel()
        self.status.setAccessibleName("Run status")
        self.status.setFont(interface_font(9.5))
        self.status.setProperty("class", "heading")
        self.attach = QToolButton()
        self.attach.setAccessibleName("Add files")
        self.attach.setToolTip("Add files to the documents (Ctrl+O)")
        self.attach.clicked.connect(self.attach_asked)
        self.model = QToolButton()
        self.model.setToolTip("Choose the model that answers in this thread (Ctrl+M)")
        self.model.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.model.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the name
        self.model.setFont(interface_font(9.5))
        self.model.clicked.connect(self.model_asked)
        self.send = self._button("Send", "Send the question (Enter)")
        self.send.clicked.connect(self._send)
        self.stop = self._button("Stop", "Stop the answer (Esc)")
        self.stop.clicked.connect(self.stopped)
        self._buttons = QStackedWidget()
        self._buttons.addWidget(self.send)
        self._buttons.addWidget(self.stop)
        self._buttons.setSizePolicy(self.send.sizePolicy())
        self._box = QFrame()
        row = QHBoxLayout(self._box)
        row.setContentsMargins(10, 9, 9, 9)
        row.setSpacing(8)
        row.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.edit, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.model, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignBottom)
        self._box.setFocusProxy(self.edit)
        self.setFocusProxy(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.status)
        column.addWidget(self._box)
        self.set_model("")
        self.edit.installEventFilter(self)
        Theme.current().changed.connect(self._tint)
        self._tint()
        self._refresh()

    @staticmethod
    def _button(name: str, tip: str) -> QPushButton:
        button = QPushButton(name)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setProperty("class", "primary")
        button.setFont(interface_font(10.5, QFont.Weight.DemiBold))
        return button

    @property
    def text(self) -> str:
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a draft."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)

    def set_ready(self, ready: bool) -> None:
        """Whether there is a service to send to; text can be written before."""
        self._ready = ready
        self._refresh()

    def set_busy(self, busy: bool, status: str = "") -> None:
        """While an answer runs, Send is Stop and the line says what is being done."""
        self._busy = busy
        self.set_status(status)
        self._refresh()

    def set_status(self, status: str) -> None:
        self.status.setText(status)

    def set_model(self, name: str) -> None:
        """The model that would answer, as a person calls it."""
        metrics = self.model.fontMetrics()
        self.model.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, MODEL_WIDTH))
        self.model.setAccessibleName(f"Model: {name}" if name else "Model")
        self.model.setEnabled(bool(name))

    def can_send(self) -> bool:
        return self._ready and not self._busy and bool(self.text.strip())

    def _send(self) -> None:
        if self.can_send():
            self.sent.emit(self.text.strip())

    def _refresh(self) -> None:
        self.send.setEnabled(self.can_send())
        focused = self.send.hasFocus() or self.stop.hasFocus()
        self._buttons.setCurrentWidget(self.stop if self._busy else self.send)
        if focused:
            self.edit.setFocus()

    def _tint(self) -> None:
        colours = Theme.current().colours
        self.attach.setIcon(icon("attach", colours.muted, size=20))
        self.model.setIcon(icon("chevron-down", colours.muted, size=14))
        self.stop.setIcon(icon("stop", colours.on_accent, size=14))
        ring = colours.accent if self.edit.hasFocus() else colours.border
        self._box.setStyleSheet(
            f"Composer > QFrame {{ background: {colours.base.name()}; border: 1px solid {ring.name()};"
            f" border-radius: {RADIUS + 4}px; }}"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._tint()
        return False
