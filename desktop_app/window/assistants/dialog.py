"""The dialog for a new assistant: a name, what it is told, and who answers."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.wire.limits import ASSISTANT_NAME_CHARS, INSTRUCTIONS_CHARS


class NewAssistantDialog(QDialog):
    """Open it with `open()`; `wanted(name, instructions, model)` when a person has filled it in."""

    wanted = Signal(str, str, str)

    def __init__(self, models: Sequence[str], instructions: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New assistant")
        self.name = QLineEdit()
        self.name.setMaxLength(ASSISTANT_NAME_CHARS)
        self.name.setPlaceholderText("Contracts")
        self.name.setAccessibleName("Name")
        self.instructions = QPlainTextEdit(instructions)
        self.instructions.setTabChangesFocus(True)
        self.instructions.setAccessibleName("Instructions")
        self.instructions.setMinimumHeight(110)
        self.model = QComboBox()
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self.model.setAccessibleName("Model")
        hint = QLabel("It gets an empty set of documents of its own. Drop files on the window to fill it.")
        hint.setProperty("class", "heading")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox()
        self.create_button = buttons.addButton("Create", QDialogButtonBox.ButtonRole.AcceptRole)
        self.create_button.setProperty("class", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.addRow("&Name", self.name)
        form.addRow("&Instructions", self.instructions)
        form.addRow("&Model", self.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(hint)
        column.addWidget(buttons)
        self.setMinimumWidth(480)
        for changed in (self.name.textChanged, self.model.currentTextChanged, self.instructions.textChanged):
            changed.connect(self._check)
        self.accepted.connect(self._tell)
        self._check()

    def _check(self) -> None:
        complete = bool(self.name.text().strip() and self.model.currentText().strip())
        self.create_button.setEnabled(complete and len(self.instructions.toPlainText()) <= INSTRUCTIONS_CHARS)

    def _tell(self) -> None:
        self.wanted.emit(
            self.name.text().strip(), self.instructions.toPlainText().strip(), self.model.currentText().strip()
        )
