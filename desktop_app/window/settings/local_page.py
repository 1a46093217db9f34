"""The page of local models: the GGUF files that can answer on this computer, and those that can be downloaded."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.window.confirm import confirm
from desktop_app.window.rows import Row, RowList
from desktop_app.window.session import Session
from desktop_app.window.settings.local_options import LocalOptionsDialog
from desktop_app.window.settings.page import Page, heading, hint
from desktop_app.window.settings.words import local_in_words, size_in_words
from desktop_app.window.tasks import Tasks
from desktop_app.wire.models import CatalogueEntry, Download, LocalModel, LocalModels, LocalOptions

UNDER_WAY = ("waiting", "fetching", "checking")


class LocalPage(Page):
    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session, tasks)
        self._models: Sequence[LocalModel] = ()
        self.reason = hint()
        self.reason.hide()
        self.list = RowList(
            "Local models", "No local model yet. Download one below, or open a .gguf file that you have."
        )
        self.list.setMinimumHeight(120)
        self.list.chosen.connect(self._show_buttons)
        self.list.doubleClicked.connect(lambda _: self.change_options())
        self.list.delete_asked.connect(lambda _: self.remove())
        self.open_button = QPushButton("Open a .gguf file…")
        self.open_button.clicked.connect(self.pick)
        self.options_button = QPushButton("Options…")
        self.options_button.clicked.connect(self.change_options)
        self.remove_button = QPushButton("Remove…")
        self.remove_button.clicked.connect(self.remove)
        self.catalogue = Catalogue()
        self.catalogue.wanted.connect(self.download)
        self.catalogue.given_up.connect(self.cancel)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.open_button, self.options_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.catalogue)
        self.column.addWidget(heading("On this computer"))
        self.column.addWidget(
            hint("A local model answers without any network. Small models make more mistakes than large ones.")
        )
        self.column.addWidget(self.reason)
        self.column.addWidget(self.list, 2)
        self.column.addLayout(buttons)
        self.column.addSpacing(8)
        self.column.addWidget(heading("Download"))
        self.column.addWidget(area, 3)
        self._show_buttons()

    # Showing

    async def load(self) -> None:
        told: LocalModels = await self.service.models.local()
        self._models = told.models
        rows = [
            Row(each.id, each.name, local_in_words(each), "cpu", "danger" if each.state == "failed" else "")
            for each in told.models
        ]
        self.list.set_rows(rows, self.list.selected_id() or (rows[0].id if rows else None))
        self.reason.setText(told.reason)
        self.reason.setVisible(not told.available)
        self.open_button.setEnabled(told.available)
        self.catalogue.show_entries(told.catalogue, told.downloads, {each.id for each in told.models}, told.available)
        self._show_buttons()

    def _show_buttons(self, *_: object) -> None:
        for button in (self.options_button, self.remove_button):
            button.setEnabled(self._selected is not None)

    @property
    def _selected(self) -> LocalModel | None:
        return next((each for each in self._models if each.id == self.list.selected_id()), None)

    # What a person does

    def pick(self) -> None:
        dialog = QFileDialog(self, "Open a local model", "", "Models (*.gguf);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.add(Path(name)))
        dialog.open()

    def add(self, path: Path) -> None:
        self.do("add", self._add(path))

    async def _add(self, path: Path) -> None:
        await self.service.models.add_local(str(path))
        self.reload()

    def download(self, catalogue_id: str) -> None:
        self.do(f"download.{catalogue_id}", self._download(catalogue_id))

    async def _download(self, catalogue_id: str) -> None:
        await self.service.models.download(catalogue_id)
        self.reload()

    def cancel(self, catalogue_id: str) -> None:
        self.do(f"cancel.{catalogue_id}", self._cancel(catalogue_id))

    async def _cancel(self, catalogue_id: str) -> None:
        await self.service.models.cancel_download(catalogue_id)
        self.reload()

    def change_options(self) -> None:
        if (model := self._selected) is not None:
            dialog = LocalOptionsDialog(model, self)
            dialog.wanted.connect(lambda options: self.do("options", self._set_options(model.id, options)))
            dialog.open()

    async def _set_options(self, model_id: str, options: LocalOptions) -> None:
        await self.service.models.set_local_options(model_id, options)
        self.reload()

    def remove(self) -> None:
        model = self._selected
        if model is None:
            return
        confirm(
            self,
            "Remove",
            f"Remove {model.name}?",
            "A model that Deskside downloaded is deleted; a file of your own stays where it is.",
            lambda: self.do("remove", self._remove(model.id)),
        )

    async def _remove(self, model_id: str) -> None:
        await self.service.models.delete_local(model_id)
        self.reload()


class Catalogue(QWidget):
    """What can be downloaded; `wanted(catalogue id)`, `given_up(catalogue id)` while it is on its way."""

    wanted = Signal(str)
    given_up = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, CatalogueLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)

    def show_entries(
        self, entries: Sequence[CatalogueEntry], downloads: dict[str, Download], here: set[str], available: bool
    ) -> None:
        for entry in entries:
            if entry.id not in self.lines:
                line = self.lines[entry.id] = CatalogueLine(entry)
                line.wanted.connect(self.wanted)
                line.given_up.connect(self.given_up)
                self._column.insertWidget(self._column.count() - 1, line)
            self.lines[entry.id].show_state(downloads.get(entry.id), entry.id in here, available)


class CatalogueLine(QFrame):
    """One model that can be downloaded, and how far that is."""

    wanted = Signal(str)
    given_up = Signal(str)

    def __init__(self, entry: CatalogueEntry) -> None:
        super().__init__()
        self._entry = entry
        self._under_way = False
        self.setProperty("class", "pane")
        title = QLabel(entry.name)
        title.setTextFormat(Qt.TextFormat.PlainText)
        licence = f" · {entry.licence}" if entry.licence else ""
        facts = hint(f"{size_in_words(entry.bytes)}{licence} · {entry.good_for}")
        facts.setTextFormat(Qt.TextFormat.PlainText)
        self.state = hint()
        self.state.setAccessibleName(f"State of {entry.name}")
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(f"Download of {entry.name}")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.button = QPushButton("Download")
        self.button.clicked.connect(lambda: (self.given_up if self._under_way else self.wanted).emit(entry.id))
        words = QVBoxLayout()
        words.setSpacing(3)
        for part in (title, facts, self.progress, self.state):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 10, 9)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        self.show_state(None, False, True)

    def show_state(self, download: Download | None, here: bool, available: bool) -> None:
        self._under_way = download is not None and download.state in UNDER_WAY
        self.progress.setVisible(self._under_way)
        if download is not None and download.bytes_total:
            self.progress.setValue(round(1000 * download.bytes_done / download.bytes_total))
        words = "" if download is None or here else _state_in_words(download)
        self.state.setText(words)
        self.state.setVisible(bool(words))
        self.button.setText("Cancel" if self._under_way else "On this computer" if here else "Download")
        self.button.setAccessibleName(f"{self.button.text()} {self._entry.name}")
        self.button.setEnabled(self._under_way or (available and not here))


def _state_in_words(download: Download) -> str:
    match download.state:
        case "waiting":
            return "Waiting…"
        case "fetching":
            return f"{size_in_words(download.bytes_done)} of {size_in_words(download.bytes_total)}"
        case "checking":
            return "Checking that the file is whole…"
        case "failed":
            return download.error or "The download failed."
        case "cancelled":
            return "Cancelled."
    return ""
