"""Which model answers the names that programs ask for: a line each, kept as soon as it is whole."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop_app.window.icons import icon
from desktop_app.window.model_box import ModelBox
from desktop_app.window.theme import Theme


class NameLine(QWidget):
    """One name and the model that answers it; `changed()` after an edit, `removed()`."""

    changed = Signal()
    removed = Signal()

    def __init__(self, name: str, model: str, models: Sequence[str]) -> None:
        super().__init__()
        self.name = QLineEdit(name)
        self.name.setAccessibleName("A program asks for")
        self.name.setPlaceholderText("gpt-4-turbo")
        self.name.editingFinished.connect(self.changed)
        self.box = ModelBox("Answered by")
        self.box.show_models(models, model)
        self.box.activated.connect(self.changed)
        self.box.edit.editingFinished.connect(self.changed)
        self.remove_button = QToolButton()
        self.remove_button.setAccessibleName("Remove this name")
        self.remove_button.setToolTip("Remove this name")
        self.remove_button.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(QLabel("is answered by"))
        row.addWidget(self.box, 1)
        row.addWidget(self.remove_button)
        Theme.current().changed.connect(self._tint)
        self._tint()

    @property
    def pair(self) -> tuple[str, str]:
        return self.name.text().strip(), self.box.chosen

    def _tint(self) -> None:
        self.remove_button.setIcon(icon("trash", Theme.current().colours.muted))


class RoutingTable(QWidget):
    """`changed(names)` with the whole table, as `Routing.names`, after each edit of a person."""

    changed = Signal(dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Names and the models that answer them")
        self._models: Sequence[str] = ()
        self._shown: dict[str, str] = {}
        self.lines: list[NameLine] = []
        self.add_button = QPushButton("Add a name…")
        self.add_button.clicked.connect(self._add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        last = QHBoxLayout()
        last.addWidget(self.add_button)
        last.addStretch(1)
        self._column.addLayout(last)

    def show_names(self, names: dict[str, str], models: Sequence[str]) -> None:
        """Show the table as the service has it; a line that a person is still writing stays."""
        if names == self._shown and list(models) == list(self._models):
            return
        self._shown, self._models = dict(names), models
        unfinished = [line.pair for line in self.lines if not all(line.pair)]
        for line in self.lines:
            line.deleteLater()
        self.lines = []
        for name, model in [*names.items(), *unfinished]:
            self._append(name, model)

    def _append(self, name: str, model: str) -> NameLine:
        line = NameLine(name, model, self._models)
        line.changed.connect(self._tell)
        line.removed.connect(lambda: self._remove(line))
        self._column.insertWidget(len(self.lines), line)
        self.lines.append(line)
        return line

    def _add(self) -> None:
        self._append("", "").name.setFocus()

    def _remove(self, line: NameLine) -> None:
        self.lines.remove(line)
        line.deleteLater()
        self._tell()

    def _tell(self) -> None:
        names = dict(line.pair for line in self.lines if all(line.pair))
        if names != self._shown:
            self._shown = names
            self.changed.emit(names)
