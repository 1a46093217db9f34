"""The rows around messages: what became of an answer, when messages were written, what a run is doing."""

import time

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from desktop_app.window.conversation import times
from desktop_app.window.conversation.document import Target
from desktop_app.window.conversation.look import AVATAR, GAP, Look
from desktop_app.window.conversation.rows import Row
from desktop_app.window.conversation.scene import Marks, Scene, focus_pen, paint_avatar
from desktop_app.window.conversation.text import clean
from desktop_app.window.icons import pixmap
from desktop_app.window.theme import RADIUS

LONG_S = 2
"""What takes so many seconds says how many."""
RETRY = Target("retry", "")
SETTINGS = Target("settings", "")
_BUTTONS = {RETRY: ("Retry", "retry"), SETTINGS: ("Open settings", "settings")}
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class NoteRow(Row):
    """What became of an answer: "Stopped.", or why it failed, with a Retry button while that makes sense, and one
    that opens Settings where that helps."""

    def __init__(
        self, message_id: str, note: str, failed: bool, alone: bool, can_retry: bool, in_settings: bool = False
    ) -> None:
        self.message_id = message_id
        self._note = clean(note)
        self._failed = failed
        self._alone = alone
        self.can_retry = can_retry and failed
        self._in_settings = in_settings

    @property
    def button_names(self) -> list[str]:
        return [_BUTTONS[target][0] for target in self._offered()]

    def _offered(self) -> list[Target]:
        if not self.can_retry:
            return []
        return [RETRY, SETTINGS] if self._in_settings else [RETRY]

    def _top(self) -> int:
        return GAP if self._alone else 8

    def _text_rect(self, scene: Scene) -> QRect:
        """Of the note itself, below the row's top."""
        left, width = scene.column.text_left, scene.column.text_width
        top = self._top() + (10 if self._failed else 4)
        if self._failed:
            left, width = left + 40, width - 56
        font = scene.look.font if self._failed else scene.look.small
        bounds = QFontMetrics(font).boundingRect(0, 0, width, 1 << 20, _WRAP, self._note)
        return QRect(left, top, width, bounds.height())

    def targets(self, scene: Scene) -> list[tuple[Target, QRectF]]:
        text = self._text_rect(scene)
        left, metrics = text.left(), QFontMetrics(scene.look.font)
        buttons = []
        for target in self._offered():
            width = metrics.horizontalAdvance(_BUTTONS[target][0]) + 46
            buttons.append((target, QRectF(left, text.bottom() + 10, width, 32)))
            left += width + 8
        return buttons

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        if not self._failed:
            return self._text_rect(scene).bottom() + 1
        buttons = self.targets(scene)
        last = buttons[-1][1].toRect() if buttons else self._text_rect(scene)
        return last.bottom() + 12

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, colours = scene.look, scene.look.colours
        painter.save()
        painter.translate(rect.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self._text_rect(scene)
        if self._alone:
            paint_avatar(painter, scene.column.left, GAP, look)
        if self._failed:
            left, top = scene.column.text_left, self._top()
            frame = QRectF(left, top, scene.column.text_width, rect.height() - top - 1)
            painter.setPen(colours.border)
            painter.setBrush(colours.base)
            painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
            sign = pixmap("warning", colours.danger, 18, painter.device().devicePixelRatioF())
            painter.drawPixmap(scene.column.text_left + 13, text.top(), sign)
        painter.setFont(look.font if self._failed else look.small)
        painter.setPen(colours.text if self._failed else colours.muted)
        painter.drawText(text, _WRAP, self._note)
        for index, (target, place) in enumerate(self.targets(scene)):
            self._paint_button(painter, target, place.toRect(), scene, marks, focused=marks.focused == index)
        painter.restore()

    @staticmethod
    def _paint_button(
        painter: QPainter, target: Target, rect: QRect, scene: Scene, marks: Marks, *, focused: bool
    ) -> None:
        colours, (name, sign_name) = scene.look.colours, _BUTTONS[target]
        painter.setPen(focus_pen(scene.look) if focused else colours.border)
        painter.setBrush(colours.raised if marks.hovered == target else colours.window)
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        sign = pixmap(sign_name, colours.text, 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 12, rect.top() + 8, sign)
        painter.setPen(colours.text)
        painter.drawText(rect.adjusted(34, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def plain_text(self, scene: Scene, start: int = 0, end: int | None = None) -> str:
        return self._note

    def source(self) -> str:
        return self._note


class TimeRow(Row):
    """When the messages below were written, in Unix seconds."""

    def __init__(self, created_at: int) -> None:
        self._created_at = created_at

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return QFontMetrics(scene.look.small).height() + GAP

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        words = times.in_words(self._created_at)
        _paint_words(painter, rect.adjusted(0, GAP, 0, 0), words, scene.look, Qt.AlignmentFlag.AlignHCenter)


class ActivityRow(Row):
    """What the run is doing now, with a sign that it is alive."""

    DOTS = 3

    def __init__(self, words: str, alone: bool) -> None:
        self.words, self._since = words, time.monotonic()
        self.alone = alone
        """No text of the answer stands above it yet, so it carries the assistant's sign."""
        self.beat = 0

    def say(self, words: str) -> None:
        if words != self.words:
            self.words, self._since = words, time.monotonic()

    def words_now(self) -> str:
        """With the seconds since it began, where it takes some."""
        seconds = int(time.monotonic() - self._since)
        return f"{self.words} {seconds} s" if seconds >= LONG_S else self.words

    def estimate(self, scene: Scene) -> int:
        return self.measure(scene)

    def measure(self, scene: Scene) -> int:
        return GAP + AVATAR if self.alone else AVATAR

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, marks: Marks) -> None:
        look, left = scene.look, rect.left() + scene.column.text_left
        if self.alone:
            paint_avatar(painter, rect.left() + scene.column.left, rect.top() + GAP, look)
        line = QRect(left, rect.bottom() - AVATAR + 1, scene.column.text_width, AVATAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in range(self.DOTS):
            colour = look.colours.accent if dot == self.beat % self.DOTS else look.colours.border
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(left + 3 + dot * 9, line.center().y() + 1), 2.5, 2.5)
        painter.restore()
        place = line.adjusted(self.DOTS * 9 + 8, 0, 0, 0)
        _paint_words(painter, place, self.words_now(), look, Qt.AlignmentFlag.AlignVCenter, look.font)


def _paint_words(
    painter: QPainter, rect: QRect, words: str, look: Look, where: Qt.AlignmentFlag, font: QFont | None = None
) -> None:
    painter.save()
    painter.setFont(font or look.small)
    painter.setPen(look.colours.muted)
    elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, where, elided)
    painter.restore()
