"""A transcript whose text can be selected and copied, over as many messages as there are."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop_app.window.conversation.document import PartDocument
from desktop_app.window.conversation.rows import TextRow
from desktop_app.window.conversation.selection import END, Place, Selection
from desktop_app.window.conversation.transcript import Transcript

MOST_ROWS_LAID_OUT = 200
NOTHING = Selection(Place(0, 0), Place(0, 0))


class SelectableTranscript(Transcript):
    """What is selected, and which place of the text is where."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection = NOTHING

    @property
    def has_selection(self) -> bool:
        return bool(self._selection)

    def selected_text(self) -> str:
        """What Copy copies: plain text; messages are parted by an empty line. Of very many messages only the ends are
        laid out for it, those between are copied as they were written."""
        if not self._selection:
            return ""
        first, last = self._selection.start.row, min(self._selection.end.row, len(self._rows) - 1)
        as_written = range(first + 1, last) if last - first > MOST_ROWS_LAID_OUT else range(0)
        pieces: list[str] = []
        for index in range(first, last + 1):
            row, span = self._rows[index], self._selection.within(index)
            if index in as_written:
                pieces.append(row.source())
            elif span is not None:
                pieces.append(row.plain_text(self.scene, span[0], min(span[1], row.length(self.scene))))
        return "\n\n".join(piece for piece in pieces if piece)

    def copy(self) -> None:
        """The selected text to the clipboard; without a selection nothing."""
        if text := self.selected_text():
            QGuiApplication.clipboard().setText(text)

    def select_all(self) -> None:
        self._select(Selection(Place(0, 0), Place(max(len(self._rows) - 1, 0), END)))

    def _select(self, selection: Selection) -> None:
        self._selection = selection
        self.viewport().update()

    def _place_at(self, point: QPoint) -> Place:
        """The place in the text nearest to a point of the viewport."""
        if not self._rows:
            return Place(0, 0)
        row = self.row_at(point.y())
        if row is None:
            return Place(0, 0) if point.y() < 0 else Place(len(self._rows) - 1, END)
        return Place(row, self._rows[row].position_at(self._in_row(point, row), self.scene))

    def _in_row(self, point: QPoint, row: int) -> QPointF:
        return QPointF(point - self.row_rect(row).topLeft())

    def _select_around(self, place: Place, unit: Callable[[PartDocument, int], tuple[int, int]]) -> None:
        row = self._rows[place.row] if self._rows else None
        if isinstance(row, TextRow):
            start, end = unit(row.document(self.scene), place.position)
            self._select(Selection(Place(place.row, start), Place(place.row, end)))
