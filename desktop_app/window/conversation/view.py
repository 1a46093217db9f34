"""The conversation view: reading, selecting, copying, and opening citations and links by mouse and keyboard."""

from collections.abc import Sequence
from html import escape
from urllib.parse import unquote

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from desktop_app.window.conversation import accessibility
from desktop_app.window.conversation.chips import tooltip
from desktop_app.window.conversation.document import PartDocument, Target
from desktop_app.window.conversation.items import PRODUCED, MessageItem
from desktop_app.window.conversation.latest import LatestButton
from desktop_app.window.conversation.look import GAP
from desktop_app.window.conversation.menu import open_menu
from desktop_app.window.conversation.message import Message
from desktop_app.window.conversation.scene import Marks, focus_pen
from desktop_app.window.conversation.selectable import NOTHING, SelectableTranscript
from desktop_app.window.conversation.selection import Selection
from desktop_app.window.theme import RADIUS

AUTO_SCROLL_MS = 30


class ConversationView(SelectableTranscript):
    """`citation_clicked(Citation)`, `link_clicked(address)`, `retry_clicked(message id)`, `settings_clicked()`,
    `picture_clicked(file id)`, `file_clicked(ProducedFile)`, `file_save_clicked(ProducedFile)`,
    `file_dragged(ProducedFile)`, and of code `run_clicked(item)`, `stop_clicked(item)`, `script_clicked(code)`,
    `script_save_clicked(code)`: nothing is opened here but folds.

    `picture_wanted(file id)`: a picture comes into view; answer with `set_picture`."""

    citation_clicked = Signal(object)
    link_clicked = Signal(str)
    retry_clicked = Signal(str)
    settings_clicked = Signal()
    picture_wanted = Signal(str)
    picture_clicked = Signal(str)
    file_clicked = Signal(object)
    file_save_clicked = Signal(object)
    file_dragged = Signal(object)
    run_clicked = Signal(object)
    stop_clicked = Signal(object)
    script_clicked = Signal(str)
    script_save_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Conversation")
        self.setAccessibleDescription(
            "Control and the arrow keys go from message to message, Tab to sources and links"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._pressed: tuple[int, Target] | None = None
        self._press_point = QPoint()
        self._dragging = False
        self._file_left = False
        self._hovered: tuple[int, Target] | None = None
        self._focused: tuple[int, int] | None = None
        self._focused_message: str | None = None
        self._double_click: tuple[QPoint, int] = (QPoint(), 0)
        self._by_keyboard = False
        self._auto_scroll = QTimer(self, interval=AUTO_SCROLL_MS)
        self._auto_scroll.timeout.connect(self._scroll_with_mouse)
        self.scene.want = self.picture_wanted.emit
        LatestButton(self)
        accessibility.install()

    # Messages

    def set_messages(self, items: Sequence[MessageItem]) -> None:
        self._forget_places()
        super().set_messages(items)
        self._tell_screen_reader()

    def append(self, item: MessageItem) -> None:
        super().append(item)
        self._tell_screen_reader()
        if item.status == "failed":
            self._announce(item)

    def replace(self, item: MessageItem) -> None:
        message = self.message(item.id)
        was_growing = message is not None and message.item.status == "in_progress"
        super().replace(item)
        if was_growing and item.status != "in_progress" and item.role == "assistant":
            self._announce(item)

    def _announce(self, item: MessageItem) -> None:
        if (message := self.message(item.id)) is not None:
            accessibility.announce_answer(self, message)

    def _update(self, message: Message, item: MessageItem) -> None:
        """A message that grows keeps what is selected in it; one that is cut anew does not."""
        if item.status != "in_progress" and self._selection.end.row >= message.first_row:
            self._forget_places()
        super()._update(message, item)

    def _forget_places(self) -> None:
        self._selection, self._hovered, self._focused, self._pressed = NOTHING, None, None, None

    def _tell_screen_reader(self) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.ObjectReorder))

    # Mouse

    def _target_at(self, point: QPoint) -> tuple[int, Target] | None:
        row = self.row_at(point.y())
        target = self._rows[row].target_at(self._in_row(point, row), self.scene) if row is not None else None
        return (row, target) if row is not None and target is not None else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        self._focused = self._focused_message = None
        self._pressed = self._target_at(point)
        self._press_point, self._dragging, self._file_left = point, False, False
        place = self._place_at(point)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._select(Selection(self._selection.anchor, place))
        elif self._is_third_click(point, event.timestamp()):
            self._select_around(place, PartDocument.paragraph_at)
        else:
            self._select(Selection(place, place))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._double_click = event.position().toPoint(), event.timestamp()
        self._pressed = None
        self._select_around(self._place_at(event.position().toPoint()), PartDocument.word_at)

    def _is_third_click(self, point: QPoint, timestamp: int) -> bool:
        where, when = self._double_click
        near = (point - where).manhattanLength() < QGuiApplication.styleHints().startDragDistance()
        return near and timestamp - when < QGuiApplication.styleHints().mouseDoubleClickInterval()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if event.buttons() & Qt.MouseButton.LeftButton and not self._file_left:
            if (point - self._press_point).manhattanLength() >= QGuiApplication.styleHints().startDragDistance():
                self._dragging = not self._leave_with_file()
            if self._dragging:
                self._drag_to(point)
        elif not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(self._target_at(point), over_text=self.row_at(point.y()) is not None)

    def _leave_with_file(self) -> bool:
        """Whether a file was pressed, which is now dragged in place of a selection."""
        pressed = self._pressed
        message = self.message_of_row(pressed[0]) if pressed is not None else None
        if pressed is None or message is None or pressed[1].kind != "file":
            return False
        self._pressed, self._file_left = None, True
        self.file_dragged.emit(message.item.file(pressed[1].value))
        return True

    def _drag_to(self, point: QPoint) -> None:
        self._pressed = None
        self._select(Selection(self._selection.anchor, self._place_at(point)))
        outside = not 0 <= point.y() < self.viewport().height()
        if outside and not self._auto_scroll.isActive():
            self._auto_scroll.start()

    def _scroll_with_mouse(self) -> None:
        """While text is selected beyond the edge: scroll there, the faster the farther."""
        point = self.viewport().mapFromGlobal(QCursor.pos())
        beyond = min(point.y(), 0) + max(point.y() - self.viewport().height(), 0)
        if not self._dragging or not beyond:
            self._auto_scroll.stop()
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + max(min(beyond // 2, 80), -80))
        self._drag_to(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._auto_scroll.stop()
        pressed, self._pressed, self._dragging = self._pressed, None, False
        if pressed is not None and pressed == self._target_at(event.position().toPoint()):
            self._open(*pressed)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def _hover(self, found: tuple[int, Target] | None, over_text: bool = False) -> None:
        if found != self._hovered:
            self._hovered = found
            self.viewport().update()
        shape = Qt.CursorShape.IBeamCursor if over_text else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if found else shape)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._target_at(event.pos())
            words = self.words_of(*found) if found else ""
            # as HTML it is wrapped; escaped it can't be read as HTML
            QToolTip.showText(event.globalPos(), f"<p>{escape(words)}</p>" if words else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def words_of(self, row: int, target: Target) -> str:
        """What a target leads to, in words."""
        message = self.message_of_row(row)
        if target.kind == "citation" and message is not None:
            return tooltip(message.chips.citations[int(target.value) - 1])
        if target.kind == "file" and message is not None:
            return message.item.file(target.value).action
        return target.value if target.kind == "link" else ""

    def _open(self, row: int, target: Target) -> None:
        message = self.message_of_row(row)
        if message is None:
            return
        if target.kind == "citation":
            self.citation_clicked.emit(message.chips.citations[int(target.value) - 1])
        elif target.kind == "link":
            self._follow_link(message, target.value)
        elif target.kind == "fold":
            focused = self._focused
            self._forget_places()
            self._focused = focused
            self.fold(message)
        elif target.kind == "settings":
            self.settings_clicked.emit()
        elif target.kind == "picture":
            self.picture_clicked.emit(target.value)
        elif target.kind == "file":
            self.file_clicked.emit(message.item.file(target.value))
        else:
            self.retry_clicked.emit(message.item.id)

    def _follow_link(self, message: Message, address: str) -> None:
        """A link to a file of the interpreter leads to that file, and nowhere where there is none."""
        scheme, _, path = unquote(address).partition(":")
        if scheme != PRODUCED:
            self.link_clicked.emit(address)
            return
        for file in message.item.files:
            if path.endswith(f"/{file.name}"):
                self.file_clicked.emit(file)
                return

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._open_menu_at_focus()
            return
        row, found = self.row_at(event.pos().y()), self._target_at(event.pos())
        message = self.message_of_row(row) if row is not None else None
        open_menu(self, event.globalPos(), message, found[1] if found else None)

    def _open_menu_at_focus(self) -> None:
        """The menu of what the keyboard is at. Some systems tell of its key twice."""
        if QApplication.activePopupWidget() is not None:
            return
        message, target = self.focused_message(), None
        at = QPointF(self.scene.column.text_left, 0)
        if self._focused is not None and (found := self._focused_target()) is not None:
            target, place = found
            at = place.bottomLeft() + QPointF(self.row_rect(self._focused[0]).topLeft())
        elif message is not None:
            at += QPointF(self.row_rect(message.first_row).center())
            at.setX(self.scene.column.text_left)
        open_menu(self, self.viewport().mapToGlobal(at.toPoint()), message, target)

    # Keyboard

    def focused_message(self) -> Message | None:
        return self.message(self._focused_message) if self._focused_message is not None else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif control and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._focus_message(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Menu or (
            key == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._open_menu_at_focus()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._focused is not None:
            if (found := self._focused_target()) is not None:
                self._open(self._focused[0], found[0])
        elif key == Qt.Key.Key_Escape and (self._selection or self._focused or self._focused_message):
            self._forget_places()
            self._focused_message = None
            self.viewport().update()
        else:
            super().keyPressEvent(event)

    def _focused_target(self) -> tuple[Target, QRectF] | None:
        """What Tab has come to, with its place in its row; a growing answer may have other things by now."""
        row, index = self._focused or (len(self._rows), 0)
        targets = self._rows[row].targets(self.scene) if row < len(self._rows) else []
        return targets[index] if index < len(targets) else None

    def _focus_message(self, step: int) -> None:
        """Go to the next or previous message; from nowhere to the one at the top of the view."""
        ids = [message.item.id for message in self.messages]
        if not ids:
            return
        if self._focused_message in ids:
            index = ids.index(self._focused_message) + step
        else:
            rows = (self.message_of_row(row) for row in self.visible_rows())
            index = next((ids.index(message.item.id) for message in rows if message is not None), 0)
        message = self.messages[max(0, min(index, len(ids) - 1))]
        self._focused, self._focused_message = None, message.item.id
        self.show_in_row(message.first_row, 0, self.row_rect(message.first_row).height())
        self.viewport().update()
        self._tell_focus(self.messages.index(message))

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes through what can be opened in the messages in view, then on to the next pane."""
        stops = [
            (row, index) for row in self.visible_rows() for index in range(len(self._rows[row].targets(self.scene)))
        ]
        if not next:
            stops.reverse()
        after = stops.index(self._focused) + 1 if self._focused in stops else 0
        if not self.hasFocus() or after >= len(stops):
            self._focused = None
            return super().focusNextPrevChild(next)
        self._focused = stops[after]
        row, index = self._focused
        rect = self._rows[row].targets(self.scene)[index][1].toAlignedRect()
        self.show_in_row(row, rect.top(), rect.bottom())
        self.viewport().update()
        message = self.message_of_row(row)
        if message is not None:
            self._focused_message = message.item.id
            self._tell_focus(self.messages.index(message))
        return True

    def _tell_focus(self, child: int) -> None:
        if QAccessible.isActive():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(child)
            QAccessible.updateAccessibility(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() is not Qt.FocusReason.PopupFocusReason:  # which a menu of what is focused gives
            self._focused, self._by_keyboard = None, False
        super().focusOutEvent(event)
        self.viewport().update()

    # Painting

    def marks(self, row: int) -> Marks:
        hovered = self._hovered[1] if self._hovered is not None and self._hovered[0] == row else None
        focused = self._focused[1] if self._focused is not None and self._focused[0] == row else None
        return Marks(self._selection.within(row), hovered, focused)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.hasFocus():
            return
        message = self.focused_message()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(focus_pen(self.scene.look))
        if message is not None and self._focused is None and message.rows:
            first = self.row_rect(message.first_row)
            last = self.row_rect(message.first_row + len(message.rows) - 1)
            painter.drawRoundedRect(self._around(first.united(last)), RADIUS, RADIUS)
        elif self._by_keyboard and self._focused is None:
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(2, 2, -2, -2), RADIUS, RADIUS)
        painter.end()

    def _around(self, rows: QRect) -> QRectF:
        column = self.scene.column
        return QRectF(column.left - 8, rows.top() + GAP - 8, column.width + 16, rows.height() - GAP + 16)
