"""What the menu of the conversation offers at a place: for the text, a link, a file, and code with its tables."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from desktop_app.window.conversation.code_table import table_csv
from desktop_app.window.conversation.document import Target
from desktop_app.window.conversation.items import MessageItem, ProducedFile
from desktop_app.window.conversation.message import Message

if TYPE_CHECKING:
    from desktop_app.window.conversation.view import ConversationView
    from desktop_app.wire.code import CodeTable


def open_menu(view: "ConversationView", at: QPoint, message: Message | None, target: Target | None) -> None:
    """`at`: on the screen; `message` and `target` are what is there."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Copy", QKeySequence.StandardKey.Copy, view.copy).setEnabled(view.has_selection)
    if target is not None and target.kind == "link":
        menu.addAction("Copy link address", partial(QGuiApplication.clipboard().setText, target.value))
    if message is not None and target is not None and target.kind == "file":
        _add_file(menu, view, message.item.file(target.value))
    if message is not None and message.item.code:
        _add_code(menu, view, message.item)
    menu.addAction("Select all", QKeySequence.StandardKey.SelectAll, view.select_all)
    menu.popup(at)


def _add_file(menu: QMenu, view: "ConversationView", file: ProducedFile) -> None:
    menu.addSeparator()
    if file.can_open:
        menu.addAction("Open", partial(view.file_clicked.emit, file))
    menu.addAction("Save as…", partial(view.file_save_clicked.emit, file))
    menu.addSeparator()


def _add_code(menu: QMenu, view: "ConversationView", item: MessageItem) -> None:
    copy = QGuiApplication.clipboard().setText
    menu.addSeparator()
    menu.addAction("Copy code", partial(copy, item.code))
    for number, table in enumerate(item.tables, 1):
        which = f"table {number}" if len(item.tables) > 1 else "table"
        menu.addAction(f"Copy {which} as CSV", partial(_copy_csv, table))
    menu.addAction("Open script as text", partial(view.script_clicked.emit, item.code))
    menu.addAction("Save as script…", partial(view.script_save_clicked.emit, item.code))
    if item.status == "in_progress":
        menu.addAction("Stop", partial(view.stop_clicked.emit, item))
    else:
        menu.addAction("Run again", partial(view.run_clicked.emit, item))
    menu.addSeparator()


def _copy_csv(table: "CodeTable") -> None:
    QGuiApplication.clipboard().setText(table_csv(table))
