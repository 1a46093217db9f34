"""The dialog for how a local model is run: each number is chosen by itself unless a person sets it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from desktop_app.window.optional_number import OptionalNumber
from desktop_app.window.settings.page import hint
from desktop_app.wire.models import LocalModel, LocalOptions


class LocalOptionsDialog(QDialog):
    """Open it with `open()`; `wanted(LocalOptions)`."""

    wanted = Signal(object)

    def __init__(self, model: LocalModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Options of {model.name}")
        options = model.options
        self.context = OptionalNumber("Context in tokens", options.context_tokens, (256, 1_048_576), 4_096, step=256)
        self.threads = OptionalNumber("Threads", options.threads, (1, 256), 4)
        self.layers = OptionalNumber("Layers on the GPU", options.gpu_layers, (0, 999), 0)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow("&Context in tokens", self.context)
        form.addRow("&Threads", self.threads)
        form.addRow("Layers on the &GPU", self.layers)
        buttons = QDialogButtonBox()
        self.save_button = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setProperty("class", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(hint("A longer context needs more memory. The model is loaded anew with the next question."))
        column.addWidget(buttons)
        self.accepted.connect(self._tell)

    def _tell(self) -> None:
        self.wanted.emit(
            LocalOptions(
                context_tokens=_whole(self.context.number()),
                threads=_whole(self.threads.number()),
                gpu_layers=_whole(self.layers.number()),
            )
        )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
