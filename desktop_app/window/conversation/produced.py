"""What runs made, as rows of a message: pictures above its text, and files below it as buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath

from desktop_app.window.conversation.document import Target
from desktop_app.window.conversation.items import ProducedFile
from desktop_app.window.conversation.look import AVATAR, GAP
from desktop_app.window.conversation.rows import Row
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen, paint_avatar
from desktop_app.window.icons import pixmap
from desktop_app.window.theme import RADIUS

UNKNOWN_HEIGHT = 200
"""Of a picture that is not there yet."""
TALLEST = 480
_BUTTON = 32


class PictureRow(Row):
    """A picture, as wide as the text at most; `first`: the assistant's sign stands beside it."""

    def __init__(self, message_id: str, file_id: str, first: bool) -> None:
        self.message_id = message_id
        self._file_id = file_id
        self._first = first

    def _rect(self, scene: Scene) -> QRect:
        picture = scene.picture(self._file_id)
        left, top, most = scene.column.text_left, GAP if self._first else 8, scene.column.text_width
        if picture is None or picture.isNull():
            return QRect(left, top, min(most, UNKNOWN_HEIGHT * 3 // 2), UNKNOWN_HEIGHT)
        size = picture.size()
        if size.width() > most or size.height() > TALLEST:
            size.scale(most, TALLEST, Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(left, top, max(size.width(), 1), max(size.height(), 1))

    def estimate(self, scene: Scene) -> int:
        return UNKNOWN_HEIGHT + GAP

    def measure(self, scene: Scene) -> int:
        return max(self._rect(scene).bottom() + 9, GAP + AVATAR if self._first else 0)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, place = scene.look, self._rect(scene).translated(rect.topLeft())
        picture = scene.picture(self._file_id)
        if self._first:
            paint_avatar(painter, rect.left() + scene.column.left, rect.top() + GAP, look)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
        if picture is not None and not picture.isNull():
            outline = QPainterPath()
            outline.addRoundedRect(frame, RADIUS, RADIUS)
            painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
            painter.drawImage(place, picture)
        else:
            painter.setPen(look.colours.muted)
            painter.setFont(look.small)
            words = "The picture is loading…" if picture is None else "This picture can't be shown."
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(focus_pen(look) if marks.focused is not None else look.colours.border)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        painter.restore()

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        return [(Target("picture", self._file_id), QRectF(self._rect(scene)))]

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        return "[picture]"


class FilesRow(Row):
    """The files that an answer hands over; a press opens or saves one, and they can be dragged out."""

    def __init__(self, message_id: str, files: Sequence[ProducedFile]) -> None:
        self.message_id = message_id
        self._files = files

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        metrics, column = QFontMetrics(scene.look.font), scene.column
        left, top = column.text_left, 8
        buttons = []
        for file in self._files:
            width = min(metrics.horizontalAdvance(file.name) + 50, column.text_width)
            if left > column.text_left and left + width > column.text_left + column.text_width:
                left, top = column.text_left, top + _BUTTON + 8
            buttons.append((Target("file", file.file_id), QRectF(left, top, width, _BUTTON)))
            left += width + 8
        return buttons

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return int(self.targets(scene)[-1][1].bottom()) + 4

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, colours = scene.look, scene.look.colours
        painter.save()
        painter.translate(rect.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font)
        for index, (file, (target, place)) in enumerate(zip(self._files, self.targets(scene), strict=True)):
            painter.setPen(focus_pen(look) if marks.focused == index else colours.border)
            painter.setBrush(colours.raised if marks.hovered == target else colours.window)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
            sign = pixmap("file", colours.text, 16, painter.device().devicePixelRatioF())
            painter.drawPixmap(int(place.left()) + 12, int(place.top()) + 8, sign)
            painter.setPen(colours.text)
            words = place.toRect().adjusted(34, 0, -10, 0)
            name = painter.fontMetrics().elidedText(file.name, Qt.TextElideMode.ElideMiddle, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        return ", ".join(file.name for file in self._files)
