"""The list that lays out only what is in sight: places, anchors, the end, the keys."""

import random

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter
from pytestqt.qtbot import QtBot

from desktop_app.window.virtual_list import Heights, VirtualList


class Rows(VirtualList):
    """Rows estimated at 30 pixels that are really 10..90 pixels tall and remember who was measured."""

    def __init__(self) -> None:
        super().__init__()
        self.real: dict[int, int] = {}
        self.asked: list[int] = []

    def estimate_height(self, row: int, width: int) -> int:
        return 30

    def measure_height(self, row: int, width: int) -> int:
        self.asked.append(row)
        return self.real.get(row, 10 + row * 37 % 81)

    def paint_row(self, painter: QPainter, row: int, rect: QRect) -> None:
        painter.fillRect(rect, QColor.fromHsv(row % 360, 255, 255))


class StickyRows(Rows):
    stick_to_bottom = True


@pytest.fixture
def rows(qtbot: QtBot) -> Rows:
    return shown(qtbot, Rows())


def shown(qtbot: QtBot, view: Rows) -> Rows:
    qtbot.addWidget(view)
    view.resize(200, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_heights_agree_with_plain_sums() -> None:
    chance = random.Random(7)
    plain = [chance.randrange(0, 50) for _ in range(100)]
    heights = Heights(plain)
    for _ in range(50):
        row, height = chance.randrange(len(plain)), chance.randrange(1, 90)
        plain[row] = heights[row] = height
        plain.append(height)
        heights.append(height)
    assert [heights.top(row) for row in range(len(plain) + 1)] == [sum(plain[:row]) for row in range(len(plain) + 1)]
    for y in range(-5, sum(plain) + 5, 3):
        row = heights.row_at(y)
        assert 0 <= y < sum(plain) or row in (0, len(plain) - 1)
        assert heights.top(row) <= max(y, 0) < heights.top(row + 1) or y >= sum(plain)


def test_only_rows_in_view_are_measured(rows: Rows) -> None:
    rows.reset(100_000)
    assert 0 < len(rows.asked) < 45
    rows.verticalScrollBar().setValue(1_000_000)
    assert len(rows.asked) < 100


def test_scrolling_up_over_wrong_estimates_moves_the_rows_in_view_by_just_the_step(rows: Rows) -> None:
    rows.reset(1000)
    rows.scroll_to_row(500)
    for _ in range(60):
        row = rows.visible_rows().start + 1
        before = rows.row_rect(row).top()
        rows.verticalScrollBar().setValue(rows.verticalScrollBar().value() - 17)
        assert rows.row_rect(row).top() == before + 17


def test_a_row_that_grows_above_the_view_does_not_move_what_is_seen(rows: Rows) -> None:
    rows.reset(1000)
    rows.scroll_to_row(500, 5)
    rows.real[20] = 3000
    rows.row_changed(20)
    assert rows.row_rect(500).top() == -5


def test_rows_that_become_others_do_not_move_what_is_seen(rows: Rows) -> None:
    rows.reset(1000)
    rows.scroll_to_row(500, 5)
    rows.splice(100, 3, 10)
    assert rows.row_rect(507).top() == -5
    rows.splice(700, 200, 1)
    assert rows.row_rect(507).top() == -5
    assert rows.row_count() == 808
    rows.real = {507: 40, 508: 50, 509: 60}
    rows.scroll_to_row(508, 45)
    rows.splice(508, 1, 2)
    assert rows.row_rect(508).top() == -45


def test_a_row_is_scrolled_to_with_an_offset(rows: Rows) -> None:
    rows.reset(1000)
    rows.real[700] = 900
    rows.scroll_to_row(700, 250)
    assert rows.row_rect(700).top() == -250
    rows.show_in_row(3, 0, 10)
    assert 0 <= rows.row_rect(3).top() < 40


def test_a_resize_keeps_the_row_at_the_top(rows: Rows) -> None:
    rows.reset(1000)
    rows.scroll_to_row(400)
    rows.asked.clear()
    rows.resize(300, 400)
    assert rows.visible_rows().start == 400
    assert len(rows.asked) < 60


def test_the_end_is_followed_until_the_user_scrolls_away(qtbot: QtBot) -> None:
    view = shown(qtbot, StickyRows())
    view.reset(300)
    bar = view.verticalScrollBar()
    for height in (100, 400, 900):
        view.real[299] = height
        view.row_changed(299)
        assert view.row_rect(299).bottom() == view.viewport().rect().bottom()
    view.splice(view.row_count(), 0, 1)
    assert view.row_rect(300).bottom() == view.viewport().rect().bottom()

    bar.setValue(bar.value() - 200)
    assert not view.stuck
    top = view.row_rect(299).top()
    view.splice(view.row_count(), 0, 1)
    view.real[299] = 1200
    view.row_changed(299)
    assert view.row_rect(299).top() == top

    view.scroll_to_bottom()
    assert view.stuck
    assert view.row_rect(301).bottom() == view.viewport().rect().bottom()


def test_the_keys_scroll(qtbot: QtBot, rows: Rows) -> None:
    rows.reset(1000)
    bar = rows.verticalScrollBar()
    qtbot.keyClick(rows, Qt.Key.Key_PageDown)
    assert bar.value() > 300
    qtbot.keyClick(rows, Qt.Key.Key_End)
    assert rows.row_rect(999).bottom() == rows.viewport().rect().bottom()
    qtbot.keyClick(rows, Qt.Key.Key_PageUp)
    assert bar.value() < bar.maximum() - 300
    qtbot.keyClick(rows, Qt.Key.Key_Home)
    assert bar.value() == 0


def test_a_list_without_rows_is_a_plain_area(rows: Rows) -> None:
    rows.reset(0)
    assert list(rows.visible_rows()) == []
    assert rows.row_at(5) is None
    assert rows.verticalScrollBar().maximum() == 0


def test_a_row_far_from_the_followed_end_stays_where_it_was_scrolled_to(qtbot: QtBot) -> None:
    view = shown(qtbot, StickyRows())
    view.real = dict.fromkeys(range(10), 5)  # much smaller than estimated: the scroll bar has to move
    view.reset(20)
    view.scroll_to_row(2, 1)
    assert not view.stuck
    assert view.row_rect(2).top() == -1
