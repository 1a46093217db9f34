"""The page of providers: who can be asked besides the reader, and which model answers which name."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop_app.window.confirm import confirm
from desktop_app.window.model_box import ModelBox
from desktop_app.window.rows import Row, RowList
from desktop_app.window.session import Session
from desktop_app.window.settings.page import Page, heading, hint
from desktop_app.window.settings.provider_dialog import ProviderDialog
from desktop_app.window.settings.routing_table import RoutingTable
from desktop_app.window.settings.words import provider_in_words
from desktop_app.window.tasks import Tasks
from desktop_app.wire.models import FoundServer, Provider, ProviderList, Routing


class ModelsPage(Page):
    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session, tasks)
        self._providers = ProviderList()
        self._names: list[str] = []
        self._routing = Routing()
        self._edits = 0
        self.list = RowList(
            "Providers", "No provider is connected yet. The built-in reader answers from your documents."
        )
        self.list.setMinimumHeight(130)
        self.list.doubleClicked.connect(lambda _: self.edit())
        self.list.delete_asked.connect(lambda _: self.remove())
        self.list.chosen.connect(self._show_buttons)
        self.add_button = QPushButton("Connect a model…")
        self.add_button.setProperty("class", "primary")
        self.add_button.clicked.connect(lambda: self.add())
        self.add_button.setEnabled(False)
        self.edit_button = QPushButton("Edit…")
        self.edit_button.clicked.connect(self.edit)
        self.remove_button = QPushButton("Remove…")
        self.remove_button.clicked.connect(self.remove)
        self.found = FoundServers()
        self.found.wanted.connect(lambda server: self.add(server))
        self.default = ModelBox("The model that answers by default", empty="Built-in reader")
        self.default.activated.connect(self._keep_default)
        self.default.edit.editingFinished.connect(self._keep_default)
        self.table = RoutingTable()
        self.table.changed.connect(self._keep_names)
        self._lay_out()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        buttons = QHBoxLayout()
        for button in (self.add_button, self.edit_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addWidget(heading("Providers"))
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        column.addWidget(self.found)
        column.addSpacing(8)
        column.addWidget(heading("The model that answers by default"))
        column.addWidget(hint("It answers every name that no provider knows and that is not in the table below."))
        column.addWidget(self.default)
        column.addSpacing(8)
        column.addWidget(heading("Names that programs ask for"))
        column.addWidget(hint("Old programs ask for models by names that may be gone. Say who answers them."))
        column.addWidget(self.table)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        self.column.addWidget(area, 1)
        self._show_buttons()

    # Showing

    async def load(self) -> None:
        models = self.service.models
        self._providers = await models.providers()
        rows = [Row(each.id, each.name, provider_in_words(each), _icon(each)) for each in self._providers.data]
        self.list.set_rows(rows, self.list.selected_id() or (rows[0].id if rows else None))
        self.add_button.setEnabled(True)
        self._show_buttons()
        edits = self._edits
        routing = await models.routing()
        if edits == self._edits:  # else it is older than what a person has just entered
            self._routing = routing
        self._show_routing()
        self._names = [each.id for each in await models.models()]
        self._show_routing()

    async def _find(self) -> None:
        self.found.show_servers(await self.service.models.found_servers())

    def _show_routing(self) -> None:
        if not self.default.edit.hasFocus():
            self.default.show_models(self._names, self._routing.default_model)
        self.table.show_names(self._routing.names, self._names)

    def _show_buttons(self, *_: object) -> None:
        provider = self._selected
        own = provider is not None and provider.key.place != "environment"
        for button in (self.edit_button, self.remove_button):
            button.setEnabled(own)

    @property
    def _selected(self) -> Provider | None:
        return next((each for each in self._providers.data if each.id == self.list.selected_id()), None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.do("find", self._find())

    # What a person does

    def add(self, found: FoundServer | None = None) -> None:
        """Open the dialog for a new provider."""
        taken = [each.id for each in self._providers.data]
        self._open(
            ProviderDialog(self.session, self._tasks, self._providers.presets, taken=taken, found=found, parent=self)
        )

    def edit(self) -> None:
        if (provider := self._selected) is not None and self.edit_button.isEnabled():
            self._open(
                ProviderDialog(self.session, self._tasks, self._providers.presets, provider=provider, parent=self)
            )

    def _open(self, dialog: ProviderDialog) -> None:
        dialog.saved.connect(lambda _: self._changed())
        dialog.open()

    def _changed(self) -> None:
        self.reload()
        self.do("find", self._find())

    def remove(self) -> None:
        provider = self._selected
        if provider is None or not self.remove_button.isEnabled():
            return
        confirm(
            self,
            "Remove",
            f"Remove {provider.name}?",
            "Its key is removed from the keyring too. Assistants that ask its models need another.",
            lambda: self.do("remove", self._remove(provider.id)),
        )

    async def _remove(self, provider_id: str) -> None:
        await self.service.models.delete_provider(provider_id)
        self._changed()

    def _keep_default(self) -> None:
        self._keep(self._routing.model_copy(update={"default_model": self.default.chosen}))

    def _keep_names(self, names: dict[str, str]) -> None:
        self._keep(self._routing.model_copy(update={"names": names}))

    def _keep(self, routing: Routing) -> None:
        if routing != self._routing:
            self._edits += 1
            self._routing = routing
            self.do("routing", self._set_routing(routing), newest=True)

    async def _set_routing(self, routing: Routing) -> None:
        self._routing = await self.service.models.set_routing(routing)
        self._edits += 1


class FoundServers(QFrame):
    """Model servers that run on this computer and are not connected yet; `wanted(FoundServer)`."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[QPushButton] = []
        self._lines: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_servers(self, servers: Sequence[FoundServer]) -> None:
        for line in self._lines:
            line.deleteLater()
        self._lines, self.buttons = [], []
        for server in servers:
            self._add(server)
        self.setVisible(bool(servers))

    def _add(self, server: FoundServer) -> None:
        count = len(server.models)
        models = "1 model" if count == 1 else f"{count} models" if count else "no models yet"
        line = QFrame()
        line.setProperty("class", "pane")
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 8, 8, 8)
        words = QLabel(f"{server.name} runs on this computer, with {models}.")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        row.addWidget(words, 1)
        button = QPushButton("Connect")
        button.setAccessibleName(f"Connect {server.name}")
        button.clicked.connect(lambda: self.wanted.emit(server))
        row.addWidget(button)
        self._column.addWidget(line)
        self._lines.append(line)
        self.buttons.append(button)


def _icon(provider: Provider) -> str:
    return "computer" if provider.runs_here else "globe"
