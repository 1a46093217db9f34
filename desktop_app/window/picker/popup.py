"""The list that opens from the composer's model button: search, choose by mouse or keyboard, refresh, connect."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.window.icons import icon
from desktop_app.window.model_choice import ModelChoice
from desktop_app.window.picker.entries import rows_of
from desktop_app.window.rows import ROW, Row, RowDelegate, RowList, RowModel
from desktop_app.window.theme import Theme, interface_font

WIDTH, HEIGHT = 420, 440
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

Index = QModelIndex | QPersistentModelIndex


class ModelPopup(QFrame):
    """Show it with `open_above(button)`; `connect_asked()` when a person wants another provider."""

    connect_asked = Signal()

    def __init__(self, choice: ModelChoice, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName("Choose a model")
        self.setProperty("class", "pane")
        self._choice = choice
        self.search = QLineEdit()
        self.search.setAccessibleName("Search models")
        self.search.setPlaceholderText("Search models…")
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.refresh_button = QToolButton()
        self.refresh_button.setAccessibleName("Refresh the list")
        self.refresh_button.setToolTip("Ask the providers for their models again")
        self.refresh_button.clicked.connect(choice.refresh)
        self.list = RowList("Models", "No model has these words in its name.", model=_Models(self))
        self.list.setUniformItemSizes(False)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(lambda _: self.take())
        self.scope = QLabel()
        self.scope.setProperty("class", "heading")
        self.scope.setFont(interface_font(9))
        self.scope.setWordWrap(True)
        self.assistant_button = QPushButton("Use for this assistant")
        self.assistant_button.clicked.connect(self._use_for_assistant)
        self.connect_button = QPushButton("Connect a model…")
        self.connect_button.clicked.connect(self._connect)
        self._lay_out()
        choice.models_changed.connect(self._show)
        Theme.current().changed.connect(self._tint)
        self._tint()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.search, 1)
        top.addWidget(self.refresh_button)
        bottom = QHBoxLayout()
        bottom.addWidget(self.assistant_button)
        bottom.addStretch(1)
        bottom.addWidget(self.connect_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.scope)
        column.addLayout(bottom)

    def open_above(self, button: QWidget) -> None:
        """Show the list with its lower left corner on the button's upper left one, within the screen."""
        self.search.clear()
        self._show()
        self._choice.load()
        self.resize(WIDTH, HEIGHT)
        place = button.mapToGlobal(QPoint(0, -HEIGHT - 6))
        space = button.screen().availableGeometry()
        self.move(min(place.x(), space.right() - WIDTH), max(place.y(), space.top()))
        self.show()
        self.search.setFocus()

    def take(self) -> None:
        """Choose the selected model for this thread, and close."""
        if model := self.list.selected_id():
            self.close()
            self._choice.choose(model)

    def _show(self) -> None:
        choice = self._choice
        rows = rows_of(choice.models, self.search.text(), choice.assistants_model)
        ids = [row.id for row in rows if row.id]
        chosen = choice.model if choice.model in ids else ids[0] if ids else None
        self.list.set_rows(rows, chosen)
        self.list.scrollTo(self.list.currentIndex())
        self.assistant_button.setEnabled(bool(choice.override))
        self.scope.setText(
            "Chosen for this thread only."
            if choice.override
            else "This assistant's model answers. Another choice holds for this thread only."
        )

    def _use_for_assistant(self) -> None:
        self.close()
        self._choice.use_for_assistant()

    def _connect(self) -> None:
        self.close()
        self.connect_asked.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The search field keeps the focus while the list is gone through."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return False

    def _tint(self) -> None:
        self.refresh_button.setIcon(icon("refresh", Theme.current().colours.muted))


class _Models(RowModel):
    """Headings can't be chosen."""

    def flags(self, index: Index) -> Qt.ItemFlag:
        is_heading = index.isValid() and not self.rows()[index.row()].id
        return Qt.ItemFlag.NoItemFlags if is_heading else super().flags(index)


class _Delegate(RowDelegate):
    HEADING = 30

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(ROW)
        return super().sizeHint(option, index) if row.id else QSize(120, self.HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        if row.id:
            super().paint(painter, option, index)
            return
        area: QRect = option.rect.adjusted(self.MARGIN + 10, 4, -self.MARGIN, 0)
        painter.save()
        painter.setFont(interface_font(9, QFont.Weight.DemiBold))
        painter.setPen(Theme.current().colours.muted)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, row.title)
        painter.restore()
