"""The text of a page or a whole file, with the cited words marked; texts of many megabytes come in bit by bit."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from desktop_app.window.theme import Theme, interface_font

MAX_LINE = 2_000
"""A longer line is broken here, in characters: one line of megabytes can't be laid out in one step."""

STEP_S = 0.006
"""How long one step of filling the view should take: between them the window does its other work."""

_FIRST_STEP = 4_000
"""Characters of the first step; the others follow from how long it took."""

CODE = {".py", ".js", ".ts", ".c", ".h", ".cpp", ".java", ".rs", ".go", ".rb", ".sh", ".sql", ".tex", ".json",
        ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".ini", ".css", ".log"}  # fmt: skip
"""Endings whose text is read best in letters of one width."""

_SMALLEST_STEP = 500

_QUIET = 90
"""How opaque, of 255, the mark of a whole passage is."""


def utf16_length(text: str) -> int:
    """How long Qt takes `text` to be: signs beyond the first 65,536 (emoji) count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def lines(text: str) -> Iterator[tuple[str, int]]:
    """The lines as the view shows them, each with the position in `text` after it.

    Each ends with a line feed, the last one excepted; where a line is longer than MAX_LINE the view gets one that
    `text` has not.
    """
    position = 0
    while position < len(text):
        feed = text.find("\n", position, position + MAX_LINE)
        end = feed + 1 if feed >= 0 else min(position + MAX_LINE, len(text))
        yield text[position:end] + ("" if feed >= 0 or end == len(text) else "\n"), end
        position = end


class TextView(QPlainTextEdit):
    """Read-only, with one marked range."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0; }")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Text")
        self.document().setDocumentMargin(12)
        self._text = ""
        self._filled = 0
        """How many code points of the text are in the view."""
        self._breaks: list[int] = []
        """Where in the text the view has a line end that the text has not."""
        self._exact = True
        self._marked: QTextCursor | None = None
        Theme.current().changed.connect(self._paint_mark)

    async def show_text(self, name: str, text: str, start: int = 0, end: int = 0, exact: bool = True) -> None:
        """Fill the view with `text` and mark code points `start` to `end`; returns when all of it is there.

        The mark is scrolled into view as soon as it has come in. Cancel it, or call it again, to show another text.
        """
        start, end = max(start, 0), min(end, len(text))
        self._exact = exact
        self._set_mark(None)
        if text == self._text and self._filled == len(text):
            self._show_place(start, end)
            return
        self._use_font(PurePath(name).suffix.lower() in CODE)
        self.setPlainText("")
        self._text, self._filled, self._breaks = text, 0, []
        most, size, position = _FIRST_STEP, 0, 0
        step: list[str] = []
        for line, line_end in lines(text):
            step.append(line)
            size += len(line)
            if len(line) > line_end - position:
                self._breaks.append(line_end)
            position = line_end
            if size < most and position < len(text):
                continue
            began = time.perf_counter()
            self._insert("".join(step))
            most = max(round(size * STEP_S / max(time.perf_counter() - began, STEP_S / 2)), _SMALLEST_STEP)
            step, size = [], 0
            was, self._filled = self._filled, position
            if start < end and was < end <= position:
                self._show_place(start, end)
            await asyncio.sleep(0)

    def marked_text(self) -> str:
        """The characters under the mark, as Qt has them; line ends as line feeds."""
        return self._marked.selectedText().replace("\u2029", "\n") if self._marked is not None else ""

    def _insert(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def _show_place(self, start: int, end: int) -> None:
        """Mark code points `start` to `end` and bring them into the middle of the view; the beginning without any."""
        caret = QTextCursor(self.document())
        if start < end:
            marked = QTextCursor(self.document())
            marked.setPosition(utf16_length(self._text[:start]) + bisect_right(self._breaks, start))
            caret.setPosition(marked.position())
            marked.setPosition(
                utf16_length(self._text[:end]) + bisect_left(self._breaks, end), QTextCursor.MoveMode.KeepAnchor
            )
            self._set_mark(marked)
        self.setTextCursor(caret)
        self.centerCursor()

    def _use_font(self, is_code: bool) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if is_code else interface_font()
        font.setPointSizeF(10.0 if is_code else 10.5)
        self.setFont(font)

    def _set_mark(self, marked: QTextCursor | None) -> None:
        self._marked = marked
        self._paint_mark()

    def _paint_mark(self) -> None:
        if self._marked is None:
            self.setExtraSelections([])
            return
        colours = Theme.current().colours
        mark = QTextEdit.ExtraSelection()
        mark.cursor = self._marked
        background = QColor(colours.mark)
        background.setAlpha(255 if self._exact else _QUIET)
        form = QTextCharFormat()
        form.setBackground(background)
        form.setForeground(colours.text)
        mark.format = form
        self.setExtraSelections([mark])
