"""What all rows of a conversation share: the look, the column, and the documents that are laid out now."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from desktop_app.window.conversation.chips import ChipPainter
from desktop_app.window.conversation.document import PartDocument, Target
from desktop_app.window.conversation.look import AVATAR, COLUMN, INDENT, MARGIN, Look
from desktop_app.window.icons import pixmap
from desktop_app.window.theme import Colours

KEPT_DOCUMENTS = 120
"""Laid-out parts that are kept; the least recently seen ones are built again when they come into view."""


KEPT_PICTURES = 24
"""Likewise: others are fetched again."""


@dataclass(frozen=True, slots=True)
class Column:
    """The column all text stands in, in pixels; the assistant's text is indented by its sign."""

    left: int
    width: int

    @classmethod
    def within(cls, width: int) -> "Column":
        column = max(min(COLUMN, width - 2 * MARGIN), 120)
        return cls(max((width - column) // 2, 0), column)

    @property
    def text_left(self) -> int:
        return self.left + INDENT

    @property
    def text_width(self) -> int:
        return self.width - INDENT


@dataclass(frozen=True, slots=True)
class Marks:
    """How a row is painted just now: its selected characters, and what the mouse or the keyboard is on."""

    selection: tuple[int, int] | None = None
    hovered: Target | None = None
    focused: int | None = None
    """Index in the row's targets."""
    message_focused: bool = False


class Scene:
    def __init__(self, colours: Colours) -> None:
        self.column = Column.within(0)
        self._documents: OrderedDict[object, PartDocument] = OrderedDict()
        self._pictures: OrderedDict[str, QImage] = OrderedDict()
        self._wanted: set[str] = set()
        self.want: Callable[[str], None] = lambda file_id: None
        """Asks for a picture that is to be shown; it comes with `keep_picture`."""
        self.dress(colours)

    def dress(self, colours: Colours) -> None:
        """Another palette: everything is laid out again."""
        self.look = Look(colours)
        self.chips = ChipPainter(self.look)
        self._documents.clear()

    def document(self, key: object, html: Callable[[], str]) -> PartDocument:
        """The document of the part `key`, built from `html()` unless it was seen lately."""
        document = self._documents.get(key)
        if document is None:
            document = self._documents[key] = PartDocument(html(), self.look, self.chips)
            if len(self._documents) > KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(key)
        return document

    def picture(self, file_id: str) -> QImage | None:
        """None while it is on its way; a null image where it can't be shown."""
        if file_id in self._pictures:
            self._pictures.move_to_end(file_id)
            return self._pictures[file_id]
        if file_id not in self._wanted:
            self._wanted.add(file_id)
            self.want(file_id)
        return None

    def keep_picture(self, file_id: str, image: QImage) -> None:
        self._wanted.discard(file_id)
        self._pictures[file_id] = image
        if len(self._pictures) > KEPT_PICTURES:
            self._pictures.popitem(last=False)

    def forget(self, key: object) -> None:
        self._documents.pop(key, None)


def paint_avatar(painter: QPainter, left: int, top: int, look: Look) -> None:
    """The sign of the assistant, in front of its first line."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colours.selected)
    painter.drawEllipse(left, top, AVATAR, AVATAR)
    size = 16
    image = pixmap("sparkle", look.colours.accent, size, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPoint(left + (AVATAR - size) // 2, top + (AVATAR - size) // 2), image)
    painter.restore()


def focus_pen(look: Look) -> QPen:
    return QPen(QColor(look.colours.accent), 2)
