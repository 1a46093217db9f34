"""Boxes of a span: merged along lines, apart between lines and columns."""

import numpy as np

from desktop_app.documents import layout

LINE = [(0, 3, 1000, 1000, 2000, 1200), (4, 7, 2100, 1000, 3000, 1200), (8, 11, 9000, 1000, 9900, 1200)]
NEXT = [(12, 15, 1000, 1400, 2000, 1600)]
PACKED = layout.pack(np.array(LINE + NEXT, dtype=np.int32))


def edges(start: int, end: int) -> list[tuple[float, float, float, float]]:
    return [(box.x0, box.y0, box.x1, box.y1) for box in layout.boxes(PACKED, 3, start, end)]


def test_packing_keeps_every_word() -> None:
    assert layout.unpack(PACKED).tolist() == [list(word) for word in LINE + NEXT]


def test_neighbours_on_a_line_share_a_box() -> None:
    assert edges(0, 7) == [(10, 10, 30, 12)]


def test_the_next_column_and_the_next_line_start_a_box() -> None:
    assert edges(0, 15) == [(10, 10, 30, 12), (90, 10, 99, 12), (10, 14, 20, 16)]


def test_a_span_within_a_word_marks_the_word() -> None:
    assert edges(5, 6) == [(21, 10, 30, 12)]


def test_a_span_between_words_marks_nothing() -> None:
    assert edges(3, 4) == []


def test_a_page_without_layout_has_no_boxes() -> None:
    assert layout.pack(np.empty((0, 6), dtype=np.int32)) is None
    assert layout.boxes(None, 1, 0, 100) == []


def test_boxes_name_their_page() -> None:
    assert {box.page for box in layout.boxes(PACKED, 3, 0, 15)} == {3}
