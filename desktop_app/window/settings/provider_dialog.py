"""The dialog for one provider: what kind it is, its address, its key, and a try before it is kept."""

from collections.abc import Collection, Coroutine
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.client.errors import ClientError
from desktop_app.window.combo_box import ComboBox
from desktop_app.window.disclosure import Disclosure
from desktop_app.window.icons import pixmap
from desktop_app.window.session import Session
from desktop_app.window.settings.page import hint
from desktop_app.window.settings.words import key_in_words
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import Theme
from desktop_app.wire.models import ConnectionTest, FoundServer, Preset, Provider, ProviderChange, Wire

WIRES: dict[Wire, str] = {"responses": "Responses", "chat": "Chat Completions"}
TRYING = "Trying the connection…"


class ProviderDialog(QDialog):
    """Open it with `open()`; `saved(provider id)` when the service has kept it.

    `provider` is the one to be changed; None makes a new one from a preset, or from a server that was `found`.
    """

    saved = Signal(str)

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        presets: list[Preset],
        *,
        taken: Collection[str] = (),
        provider: Provider | None = None,
        found: FoundServer | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(provider.name if provider is not None else "Connect a model")
        self._session, self._tasks = session, tasks
        self._presets, self._taken, self._provider = presets, taken, provider
        self._make_fields()
        self._lay_out()
        if provider is not None:
            self._fill(provider.kind, provider.name, provider.base_url, provider.wire)
        elif found is not None:
            preset = next((each for each in presets if each.kind == found.kind), None)
            self._fill(found.kind, found.name, found.base_url, preset.wire if preset is not None else "chat")
        elif presets:
            self._choose_kind(0)
        self._connect()
        self._show_advanced(False)
        self._check()
        (self.key if provider is not None or self._needs_key else self.address).setFocus()

    # Layout

    def _make_fields(self) -> None:
        self.kind = ComboBox()
        self.kind.setAccessibleName("Kind")
        for preset in self._presets:
            self.kind.addItem(preset.name, preset.kind)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.address = QLineEdit()
        self.address.setAccessibleName("Address")
        self.address.setPlaceholderText("https://models.example.org/v1")
        self.key = QLineEdit()
        self.key.setAccessibleName("Key")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_state = hint()
        self.forget_key = QPushButton("Remove the key")
        self.forget_key.setCheckable(True)
        self.kind_hint = hint()
        self.kind_hint.setOpenExternalLinks(True)
        self.kind_hint.setTextFormat(Qt.TextFormat.RichText)
        self.advanced = Disclosure("Advanced")
        self.wire = ComboBox()
        self.wire.setAccessibleName("How it is spoken to")
        for wire, words in WIRES.items():
            self.wire.addItem(words, wire)
        self.test_button = QPushButton("Test connection")
        self._sign = QLabel()
        self.outcome = QLabel()
        self.outcome.setAccessibleName("Result")
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = QDialogButtonBox()
        self.save_button = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setProperty("class", "primary")
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)

    def _lay_out(self) -> None:
        form = self._form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Kind", self.kind)
        form.addRow("", self.kind_hint)
        form.addRow("&Name", self.name)
        form.addRow("&Address", self.address)
        form.addRow("K&ey", self.key)
        state = QHBoxLayout()
        state.addWidget(self.key_state, 1)
        state.addWidget(self.forget_key)
        form.addRow("", state)
        form.addRow("", self.advanced)
        form.addRow("&Spoken to in", self.wire)
        tried = QHBoxLayout()
        tried.setSpacing(8)
        tried.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        tried.addWidget(self.outcome, 1)
        last = QHBoxLayout()
        last.addWidget(self.test_button)
        last.addWidget(self.buttons, 1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addLayout(tried)
        column.addLayout(last)
        self.setMinimumWidth(540)

    def _connect(self) -> None:
        self.kind.activated.connect(self._choose_kind)
        self.advanced.toggled.connect(self._show_advanced)
        self.forget_key.toggled.connect(self._show_key_state)
        for field in (self.name, self.address, self.key):
            field.textChanged.connect(self._check)
        self.wire.currentIndexChanged.connect(self._check)
        self.test_button.clicked.connect(self.test)
        self.buttons.accepted.connect(lambda: self._do("save", self._save()))
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(lambda: self._tasks.cancel("settings.provider.test"))
        self.rejected.connect(lambda: self._tasks.cancel("settings.provider.save"))
        self._show_key_state()

    # What is filled in

    @property
    def _preset(self) -> Preset | None:
        return next((each for each in self._presets if each.kind == self.kind.currentData()), None)

    @property
    def _needs_key(self) -> bool:
        return self._preset is not None and self._preset.needs_key

    @property
    def change(self) -> ProviderChange:
        """What is written in the dialog. No key: the kept one stays."""
        key = self.key.text().strip() or ("" if self.forget_key.isChecked() else None)
        return ProviderChange(
            name=self.name.text().strip(),
            kind=self.kind.currentData() or "other",
            base_url=self.address.text().strip(),
            wire=self.wire.currentData(),
            key=None if key is None else SecretStr(key),
        )

    def _fill(self, kind: str, name: str, base_url: str, wire: Wire) -> None:
        if self.kind.findData(kind) < 0:
            self.kind.addItem(kind, kind)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.name.setText(name)
        self.address.setText(base_url)
        self.wire.setCurrentIndex(self.wire.findData(wire))
        self._show_kind()

    def _choose_kind(self, row: int) -> None:
        preset = self._presets[row]
        self._fill(preset.kind, preset.name, preset.base_url, preset.wire)

    def _show_kind(self) -> None:
        preset = self._preset
        told = preset.hint if preset is not None else ""
        if preset is not None and preset.key_page:
            told += f' <a href="{preset.key_page}">Where its keys are made</a>'
        self.kind_hint.setText(told.strip())
        self.kind_hint.setVisible(bool(told.strip()))
        self.key.setPlaceholderText("" if self._needs_key else "not needed")
        self._show_key_state()

    def _show_key_state(self) -> None:
        kept = self._provider is not None and self._provider.key.place != "none"
        self.forget_key.setVisible(kept and self._provider is not None and self._provider.key.place != "environment")
        words = key_in_words(self._provider.key) if kept and self._provider is not None else ""
        if self.forget_key.isChecked():
            words = "The key is removed when you save."
        self.key_state.setText(words)
        self.key_state.setVisible(bool(words))
        if kept:
            self.key.setPlaceholderText("type a new key to replace it")
        self._fit()

    def _show_advanced(self, shown: bool) -> None:
        self._form.setRowVisible(self.wire, shown)
        self._fit()

    def _check(self) -> None:
        """What is written now has not been tried."""
        self._tasks.cancel("settings.provider.test")
        self._tell("")
        complete = bool(self.name.text().strip() and _host(self.address.text()))
        self.test_button.setEnabled(complete)
        self.save_button.setEnabled(complete)

    # What the service says

    def test(self) -> None:
        """Try what is written, and tell what became of it."""
        self._tell(TRYING)
        self._do("test", self._test())

    def _do(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.restart(f"settings.provider.{name}", self._told(work))
        if task is None:
            work.close()
        else:
            task.add_done_callback(
                lambda _: work.close()
            )  # one that is cancelled before its first step never began it

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ClientError as error:
            self._tell(str(error), good=False)

    async def _test(self) -> None:
        known = self._provider.id if self._provider is not None else None
        tried: ConnectionTest = await self._session.service.models.test_provider(self.change, known)
        self._tell(" ".join(each for each in (tried.message, tried.remedy) if each), good=tried.ok)

    async def _save(self) -> None:
        provider_id = self._provider.id if self._provider is not None else self._new_id()
        await self._session.service.models.set_provider(provider_id, self.change)
        self.saved.emit(provider_id)
        self.accept()

    def _new_id(self) -> str:
        kind: str = self.kind.currentData() or "other"
        number = 1
        while (name := kind if number == 1 else f"{kind}-{number}") in self._taken:
            number += 1
        return name

    def _tell(self, words: str, good: bool | None = None) -> None:
        colours = Theme.current().colours
        self.outcome.setText(words)
        signs = {True: ("check", colours.success), False: ("warning", colours.danger), None: ("info", colours.muted)}
        self._sign.setPixmap(pixmap(*signs[good], 18, self.devicePixelRatioF()))
        for part in (self.outcome, self._sign):
            part.setVisible(bool(words))
        self._fit()
        if words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.outcome, words))

    def _fit(self) -> None:
        """Be as tall as what is shown now: wrapped sentences tell their height only for a width."""
        if self.isVisible():
            self._column.activate()
            for sentence in (self.kind_hint, self.key_state):
                sentence.setFixedHeight(max(sentence.heightForWidth(sentence.width()), 0))
            self.resize(self.width(), self._column.totalHeightForWidth(self.width()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()


def _host(address: str) -> str | None:
    """The host of an http(s) address; None when it is none."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None
