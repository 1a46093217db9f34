"""Lists of two-line rows, as the Assistants and Threads panes show them: data, drawing, and the list itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.window.icons import pixmap
from desktop_app.window.theme import RADIUS, Theme, interface_font

Index = QModelIndex | QPersistentModelIndex

ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Row:
    """A title with a quieter second line; `icon` names one of `resources/icons`, or "" for none.

    `tint` names the theme's colour of the icon and the second line where they are to be noticed ("danger").
    """

    id: str
    title: str
    subtitle: str
    icon: str = ""
    tint: str = ""


class RowModel(QAbstractListModel):
    """The rows in order. Rows keep their selection by id when the list is read again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row_of(self, row_id: str | None) -> int:
        """The position of a row, -1 when it isn't there."""
        return next((position for position, row in enumerate(self._rows) if row.id == row_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.title}, {row.subtitle}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.title
        return row if role == ROW else None


class RowDelegate(QStyledItemDelegate):
    """Draws a row: icon, title, second line, and the selected and focused states."""

    HEIGHT = 50
    MARGIN = 6

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self.HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        colours = Theme.current().colours
        state: QStyle.StateFlag = option.state
        area: QRect = option.rect.adjusted(self.MARGIN, 2, -self.MARGIN, -2)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(colours.selected if selected else colours.raised)
            painter.drawRoundedRect(area, RADIUS - 2, RADIUS - 2)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.accent, 1.5))
            painter.drawRoundedRect(area, RADIUS - 2, RADIUS - 2)
        quiet = getattr(colours, row.tint) if row.tint else colours.muted
        left = area.left() + 10
        if row.icon:
            tint = quiet if row.tint else colours.accent if selected else colours.muted
            size = 18
            top = area.top() + (area.height() - size) // 2
            painter.drawPixmap(left, top, pixmap(row.icon, tint, size, painter.device().devicePixelRatio()))
            left += size + 10
        lines = QRect(left, area.top() + 5, area.right() - left - 8, area.height() - 10)
        half = lines.height() // 2 if row.subtitle else lines.height()
        for text, font, colour, top in (
            (row.title, interface_font(10.5), colours.text, lines.top()),
            (row.subtitle, interface_font(9), quiet, lines.top() + half),
        ):
            painter.setFont(font)
            painter.setPen(colour)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, lines.width())
            painter.drawText(QRect(lines.left(), top, lines.width(), half), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class RowList(QListView):
    """A list of rows, used by mouse or keyboard; `chosen(id)` when a person selects one, `delete_asked(id)`."""

    chosen = Signal(str)
    delete_asked = Signal(str)

    def __init__(
        self, name: str, empty_text: str, parent: QWidget | None = None, model: RowModel | None = None
    ) -> None:
        """`name` is what screen readers call the list; `empty_text` stands in it while it has no rows."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._empty_text = empty_text
        self._model = model or RowModel(self)
        self.setModel(self._model)
        self.setItemDelegate(RowDelegate(self))
        self.setProperty("class", "pane")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setViewportMargins(0, 5, 0, 5)
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().currentChanged.connect(self._current_changed)
        Theme.current().changed.connect(self.viewport().update)

    def set_rows(self, rows: Sequence[Row], selected: str | None) -> None:
        """Show `rows` with one of them selected, silently."""
        blocked = self.selectionModel().blockSignals(True)
        if list(rows) != list(self._model.rows()):
            self._model.set_rows(rows)
        self.setCurrentIndex(self._model.index(self._model.row_of(selected)))
        self.selectionModel().blockSignals(blocked)
        self.viewport().update()

    def rows(self) -> Sequence[Row]:
        return self._model.rows()

    def selected_id(self) -> str | None:
        index = self.currentIndex()
        return self._model.rows()[index.row()].id if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        selected = self.selected_id()
        if event.key() == Qt.Key.Key_Delete and selected is not None:
            self.delete_asked.emit(selected)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._model.rows():
            painter = QPainter(self.viewport())
            painter.setFont(interface_font(9.5))
            painter.setPen(Theme.current().colours.muted)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(18, 10, -18, -10), flags, self._empty_text)

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._model.rows()[current.row()].id)
