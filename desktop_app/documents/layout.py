"""Where words stand on a page: packed for the database, and turned into boxes to mark.

A word is six integers: start and end in the page's text (code points), then left, top, right and bottom in
hundredths of a point from the top left of the page as shown.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from desktop_app.wire.extensions import Box

UNITS = 100
_SAME_LINE = 0.5
"""Words share a line when they overlap vertically by at least this part of the lower one's height."""
_WIDEST_GAP = 2.0
"""A gap wider than this many line heights starts a new box: the next column, not the next word."""


def pack(words: NDArray[np.int32]) -> bytes | None:
    """int32 [words, 6] as compressed bytes, column by column; None when there are no words."""
    if not len(words):
        return None
    return zlib.compress(np.ascontiguousarray(words.T, dtype="<i4").tobytes(), level=6)


def unpack(packed: bytes | None) -> NDArray[np.int32]:
    """The words of `pack` again: int32 [words, 6]."""
    if packed is None:
        return np.empty((0, 6), dtype=np.int32)
    return np.frombuffer(zlib.decompress(packed), dtype="<i4").reshape(6, -1).T


def boxes(packed: bytes | None, page: int, start: int, end: int) -> list[Box]:
    """The boxes, in points, of the words that touch `start` to `end` of the page's text: one per line."""
    words = unpack(packed)
    touched = words[(words[:, 0] < end) & (words[:, 1] > start), 2:] / UNITS
    merged: list[list[float]] = []
    for x0, y0, x1, y1 in touched.tolist():
        if merged and _continues(merged[-1], x0, y0, y1):
            last = merged[-1]
            last[:] = min(last[0], x0), min(last[1], y0), max(last[2], x1), max(last[3], y1)
        else:
            merged.append([x0, y0, x1, y1])
    return [Box(page=page, x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in merged]


def _continues(line: list[float], x0: float, y0: float, y1: float) -> bool:
    height = min(line[3] - line[1], y1 - y0)
    overlap = min(line[3], y1) - max(line[1], y0)
    return overlap >= _SAME_LINE * height and -height <= x0 - line[2] <= _WIDEST_GAP * height
