"""The list in the Documents pane: rows with a thin progress bar, their menu, and their keys."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QMenu, QStyleOptionViewItem, QWidget

from desktop_app.window.documents.model import PROGRESS, Document, DocumentModel
from desktop_app.window.icons import pixmap
from desktop_app.window.rows import Index, RowDelegate, RowList
from desktop_app.window.theme import Theme

EMPTY = "Drop files anywhere on this window"
_BAR = 3
_EMPTY_ICON = 28


class DocumentDelegate(RowDelegate):
    """A row of the list; while its file is being worked on a bar along its lower edge says how far that is."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        progress: float | None = index.data(PROGRESS)
        if progress is None:
            return
        colours = Theme.current().colours
        area = QRectF(option.rect).adjusted(self.MARGIN + 38, 0, -self.MARGIN - 10, -3)
        area.setTop(area.bottom() - _BAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.border)
        painter.drawRoundedRect(area, _BAR / 2, _BAR / 2)
        painter.setBrush(colours.accent)
        area.setWidth(progress * area.width())
        painter.drawRoundedRect(area, _BAR / 2, _BAR / 2)
        painter.restore()


class DocumentList(RowList):
    """What a person wants done with a row: `open_asked(id)`, `retry_asked(id)`, `delete_asked(id)`."""

    open_asked = Signal(str)
    retry_asked = Signal(str)

    def __init__(self, model: DocumentModel, parent: QWidget | None = None) -> None:
        super().__init__("Documents", EMPTY, parent, model)
        self._documents = model
        self.setItemDelegate(DocumentDelegate(self))
        # Ten thousand rows are not all laid out again whenever one of them changes.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(500)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.activated.connect(self._activated)

    def selected(self) -> Document | None:
        return self._documents.document(self.selected_id())

    def menu_for(self, document: Document) -> QMenu:
        """What can be done with a document, each entry with its key."""
        menu = QMenu(self)
        entries: list[tuple[str, str, bool, Callable[[], object]]] = [
            ("Open", "Return", not document.is_local, lambda: self.open_asked.emit(document.id)),
            ("Retry", "R", document.stage in ("failed", "refused"), lambda: self.retry_asked.emit(document.id)),
            ("Remove", "Del", True, lambda: self.delete_asked.emit(document.id)),
        ]
        for name, key, possible, act in entries:
            action = menu.addAction(f"{name}\t{key}")
            action.setEnabled(possible)
            action.triggered.connect(act)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        document = self.selected()
        if document is not None and event.key() == Qt.Key.Key_R and document.stage in ("failed", "refused"):
            self.retry_asked.emit(document.id)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._documents.rowCount():
            painter = QPainter(self.viewport())
            drawing = pixmap("upload", Theme.current().colours.muted, _EMPTY_ICON, self.devicePixelRatioF())
            centre = self.viewport().rect().center()
            painter.drawPixmap(QPoint(centre.x() - _EMPTY_ICON // 2, centre.y() - _EMPTY_ICON - 16), drawing)
            painter.end()

    def _show_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = self.menu_for(self._documents.documents()[index.row()])
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(place))

    def _activated(self, index: QModelIndex) -> None:
        document = self._documents.documents()[index.row()]
        if not document.is_local:
            self.open_asked.emit(document.id)
