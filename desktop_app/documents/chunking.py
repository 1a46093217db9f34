"""Where a document's text is cut: windows that fit the embedder, and chunks as the protocol counts them.

Both are int32 [n, 2], start and end in code points of the document's text.
"""

import re
from collections.abc import Callable
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

Spans = NDArray[np.int32]
TokenOffsets = Callable[[str], Spans]
"""The embedder's tokens of a text: int32 [tokens, 2], start and end of each."""

WINDOW_TOKENS = 250
"""What the embedder takes in at once (256), less its own marks and a little room."""
WINDOW_OVERLAP = 60
_HEADER_CHARACTERS = 80  # a token has at least one, so this is also the most that a name takes of a window

_MAX_TOKEN_CHARACTERS = 40
_SNAP_SHARE = 0.15
"""A cut moves back by at most this part of its length to end with a paragraph, a row or a sentence."""
_ENDS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"[.!?…。！？][\"'”’)\]]*\s+"), re.compile(r"\s+"))


def header(file_name: str) -> str:
    """The file's name as words: a line before each window and chunk as search sees them, never as they are shown."""
    return " ".join(re.split(r"[\W_]+", PurePath(file_name).stem))[:_HEADER_CHARACTERS].strip() + "\n"


def bounded(offsets: Spans) -> Spans:
    """The tokens with over-long ones in pieces: a word that the embedder does not know is one token of any length."""
    lengths = offsets[:, 1] - offsets[:, 0]
    pieces = np.maximum(-(-lengths // _MAX_TOKEN_CHARACTERS), 1)
    token = np.repeat(np.arange(len(offsets)), pieces)
    piece = np.arange(len(token)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts = offsets[token, 0] + piece * _MAX_TOKEN_CHARACTERS
    ends = np.minimum(starts + _MAX_TOKEN_CHARACTERS, offsets[token, 1])
    return np.stack([starts, ends], axis=1).astype(np.int32)


def windows(text: str, offsets: Spans, file_name: str, tokens: TokenOffsets) -> Spans:
    """Windows for the embedder; the file's name takes its share of each."""
    return _cut(text, offsets, WINDOW_TOKENS - len(tokens(header(file_name))), WINDOW_OVERLAP)


def chunks(text: str, offsets: Spans, size: int, overlap: int) -> Spans:
    """Chunks of at most `size` tokens, each sharing about `overlap` tokens with the one before."""
    return _cut(text, offsets, size, overlap)


def _cut(text: str, offsets: Spans, size: int, overlap: int) -> Spans:
    """Spans of at most `size` tokens that cover all tokens and end, where one is near, at a natural end."""
    spans: list[tuple[int, int]] = []
    starts, ends = np.ascontiguousarray(offsets.T)
    count = len(offsets)
    near = max(int(size * _SNAP_SHARE), 1)
    first = 0
    while first < count:
        last = min(first + size, count)  # the token after the span
        if last < count:
            last = _natural_start(text, starts, last - near, last)
        spans.append((int(starts[first]), int(ends[last - 1])))
        if last == count:
            break
        following = max(last - overlap, first + 1)
        first = _natural_start(text, starts, max(following - near, first + 1), following)
    return np.array(spans, dtype=np.int32).reshape(-1, 2)


def _natural_start(text: str, starts: NDArray[np.int32], low: int, high: int) -> int:
    """Of the tokens after `low` and up to `high`, the last that begins a paragraph, else a row, a sentence, a word."""
    region = text[starts[low] : starts[high]]
    for pattern in _ENDS:
        places = [match.end() for match in pattern.finditer(region)]
        if places:
            return low + int(np.searchsorted(starts[low : high + 1] - starts[low], places[-1]))
    return high
