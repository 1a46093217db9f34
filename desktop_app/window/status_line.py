"""The quiet line under the composer: where the question will go, and how the model files for search are doing."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from desktop_app.window.elided_label import ElidedLabel
from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Theme, interface_font
from desktop_app.wire.answers import READER_PROVIDER

if TYPE_CHECKING:
    from desktop_app.wire.extensions import ServiceStatus
    from desktop_app.wire.models import ModelExtension

STARTING = "Starting the service…"
ON_THIS_COMPUTER = "Answered on this computer by the built-in reader."


def where_in_words(answering: "ModelExtension") -> str:
    """Where a question, and the passages found for it, will go."""
    if answering.provider_id == READER_PROVIDER:
        return ON_THIS_COMPUTER
    if answering.runs_here:
        return f"Stays on this computer ({answering.provider_name}, {answering.name})."
    return f"Will be sent to {answering.where}, model {answering.name}, with the passages found for it."


class StatusLine(QWidget):
    """`show_destination(None)` and `show_status(None)` before there is a service."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = ""
        self._sign = QLabel()
        self.text = ElidedLabel(STARTING)
        self.text.setAccessibleName("Where the question goes")
        self.text.setProperty("class", "heading")
        self.text.setFont(interface_font(9))
        self.files = QLabel()
        self.files.setAccessibleName("Model files for search")
        self.files.setProperty("class", "heading")
        self.files.setFont(interface_font(9))
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Model files")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(90, 4)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self.text, 1)
        row.addWidget(self.files)
        row.addWidget(self.progress)
        Theme.current().changed.connect(self._tint)
        self.show_destination(None)
        self.show_status(None)

    def show_text(self, text: str, icon: str = "") -> None:
        """Say something else; screen readers hear it as the line's description."""
        self._icon = icon
        self.text.setText(text)
        self.text.setToolTip(text)
        self.text.setAccessibleDescription(text)
        self._tint()

    def show_destination(self, answering: "ModelExtension | None") -> None:
        """Where a question would go that is sent now."""
        if answering is None:
            self.show_text(STARTING)
        else:
            self.show_text(where_in_words(answering), "computer" if answering.runs_here else "globe")

    def show_status(self, status: "ServiceStatus | None") -> None:
        files = status.model_files if status is not None else None
        working = files is not None and files.state in ("fetching", "building")
        if files is not None and working:
            doing = "Fetching" if files.state == "fetching" else "Building"
            self.files.setText(f"{doing} the model files for search, once: {files.progress:.0%}")
            self.progress.setValue(round(files.progress * 1000))
        for part in (self.files, self.progress):
            part.setVisible(working)

    def _tint(self) -> None:
        self._sign.setVisible(bool(self._icon))
        if self._icon:
            colours = Theme.current().colours
            colour = colours.success if self._icon == "computer" else colours.warning
            self._sign.setPixmap(pixmap(self._icon, colour, 14, self.devicePixelRatioF()))
            self._sign.setAlignment(Qt.AlignmentFlag.AlignVCenter)
