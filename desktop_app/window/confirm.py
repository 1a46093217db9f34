"""Asks before something is removed for good."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(parent: QWidget, verb: str, question: str, consequence: str, then: Callable[[], object]) -> None:
    """Open a box with the question; its button `verb` ("Delete") calls `then`."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, verb, question, QMessageBox.StandardButton.Cancel, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(consequence)
    box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole).clicked.connect(lambda: then())
    box.open()
