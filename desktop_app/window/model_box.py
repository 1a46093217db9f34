"""A box in which a model is chosen or typed: every known name, found by any part of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QSizePolicy, QWidget

from desktop_app.window.combo_box import ComboBox
from desktop_app.wire.answers import READER_MODEL

READER_NAME = "Built-in reader"


class ModelBox(ComboBox):
    """`chosen` is the protocol's name: the reader and `empty` have words of their own in the list.

    `empty` is what stands for "": what happens when no model is named.
    """

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.setLineEdit(self.edit)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(14)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(22)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._empty = empty
        completer = QCompleter(self.model(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """Offer `names`; `chosen` is shown whether or not it is among them."""
        self.blockSignals(True)
        self.clear()
        if self._empty:
            self.addItem(self._empty, "")
        for name in names:
            self.addItem(READER_NAME if name == READER_MODEL else name, name)
        found = self.findData(chosen)
        self.setCurrentIndex(found)
        if found < 0:
            self.setEditText(chosen)
        self.blockSignals(False)

    @property
    def chosen(self) -> str:
        text = self.currentText().strip()
        found = self.findText(text, Qt.MatchFlag.MatchFixedString)
        return str(self.itemData(found)) if found >= 0 else text
