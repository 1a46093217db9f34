"""Code that the assistant ran: what its fold says, and the code with its output below it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter

from desktop_app.window.conversation.code_table import table_markdown
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.conversation.rows import TextRow
from desktop_app.window.conversation.scene import Marks, Scene

if TYPE_CHECKING:
    from desktop_app.wire.code import CodeTable

_FENCE = "`" * 12
"""Longer than any that code is likely to hold."""


def code_in_words(item: MessageItem) -> str:
    """`Ran code for 2 s`."""
    if item.status == "in_progress":
        return "Running code…"
    if item.status == "stopped":
        return "Code that did not end well"
    return f"Ran code for {item.seconds} s" if item.seconds else "Ran code"


def cell_markdown(code: str, logs: str, tables: "Iterable[CodeTable]" = ()) -> str:
    """A cell as the Markdown of a `MessageItem`: its code in colours, and below it what it printed; tables stand where
    the logs say the same."""
    pieces, here = [f"{_FENCE}python\n{code.rstrip()}\n{_FENCE}"], 0
    for table in tables:
        pieces += [_output(logs[here : table.start]), table_markdown(table)]
        here = max(here, table.end)
    return "\n\n".join(filter(None, [*pieces, _output(logs[here:])]))


def _output(logs: str) -> str:
    return f"{_FENCE}\n{logs.rstrip()}\n{_FENCE}" if logs.strip() else ""


class CodeTextRow(TextRow):
    """A part of a cell: without the assistant's sign, which its answer has."""

    def _origin(self, scene: Scene) -> QPointF:
        return QPointF(scene.column.text_left, 6 if self.first else 0)

    def measure(self, scene: Scene) -> int:
        document = self.document(scene)
        return int(document.height_at(self._width(scene)) + self._origin(scene).y() + document.gap_below()) + 1

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        self._paint_text(painter, rect, scene, marks)
