"""The quiet line under the composer: where questions go, and how the model files for search are doing."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop_app.window.elided_label import ElidedLabel
from desktop_app.window.theme import Theme, interface_font
from desktop_app.wire.answers import READER_MODEL

if TYPE_CHECKING:
    from desktop_app.wire.extensions import ServiceStatus

STARTING = "Starting the service…"
ON_THIS_COMPUTER = "Answers come from the built-in reader; nothing leaves this computer."


class StatusLine(QWidget):
    """`show_status(None)` before there is a service."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ElidedLabel(STARTING)
        self.text.setAccessibleName("Where questions go")
        self.text.setProperty("class", "heading")
        self.text.setFont(interface_font(9))
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Model files")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 4)
        self.progress.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(10)
        row.addWidget(self.text, 1)
        row.addWidget(self.progress)
        Theme.current().changed.connect(self._tint)
        self._tint()

    def show_text(self, text: str) -> None:
        self.text.setText(text)
        self.progress.hide()

    def show_status(self, status: "ServiceStatus | None", model: str = "") -> None:
        """`model` is that of the assistant who would be asked."""
        if status is None:
            self.show_text(STARTING)
            return
        files = status.model_files
        working = files.state in ("fetching", "building")
        if working:
            doing = "Fetching" if files.state == "fetching" else "Building"
            self.text.setText(f"{doing} the model files for search, once: {files.progress:.0%}")
        elif status.provider and model != READER_MODEL:
            self.text.setText(f"Questions, and the passages found for them, go to {status.provider}.")
        else:
            self.text.setText(ON_THIS_COMPUTER)
        self.progress.setVisible(working)
        self.progress.setValue(round(files.progress * 1000))

    def _tint(self) -> None:
        colours = Theme.current().colours
        self.progress.setStyleSheet(
            f"QProgressBar {{ background: {colours.raised.name()}; border: none; border-radius: 2px; }}"
            f"QProgressBar::chunk {{ background: {colours.accent.name()}; border-radius: 2px; }}"
        )
