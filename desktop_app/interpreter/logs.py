"""What a cell prints: its beginning is kept, the rest counted, until the mark that the worker writes at its end."""

import codecs
import re
import threading
from collections.abc import Callable

from desktop_app.interpreter.orders import DATA

_STYLING = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])")
"""What colours a terminal and moves its cursor (ECMA-48): logs are plain text."""
_STYLING_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200}\x1b?|[ -/]*)\Z")


class CellLog:
    """Fed by the reader thread. The real name of the data folder is told as /mnt/data; colours are left out.

    `on_text` gets the kept part as it comes; `flooded` is set when more was printed than a cell may.
    """

    def __init__(
        self, mark: bytes, data: str, keep: int, flood: int, on_text: Callable[[str], None] = lambda text: None
    ) -> None:
        self.ended = threading.Event()
        self.flooded = threading.Event()
        self._mark = mark
        self._data = data.encode(errors="surrogateescape")
        self._keep = keep
        self._flood = flood
        self._on_text = on_text
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending = b""
        self._kept: list[str] = []
        self._kept_bytes = 0
        self._bytes = 0
        self._lock = threading.Lock()

    def feed(self, chunk: bytes) -> None:
        if self.ended.is_set():
            return
        with self._lock:
            self._bytes += len(chunk)
            if self._bytes > self._flood:
                self.flooded.set()
            self._pending += chunk
            before, mark, after = self._pending.partition(self._mark)
            if mark:
                self._pending = b""
                self._bytes -= len(mark) + len(after)
                self._take(before, final=True)
                self.ended.set()
            else:
                begun = _STYLING_BEGUN.search(self._pending)
                styling = len(self._pending) - begun.start() if begun else 0
                held = max(_begun(self._pending, self._mark), _begun(self._pending, self._data), styling)
                ready = len(self._pending) - held
                self._take(self._pending[:ready])
                self._pending = self._pending[ready:]

    def text(self) -> str:
        """All that is kept, with a word about what is not; ends the log."""
        with self._lock:
            self.ended.set()
            self._take(self._pending, final=True)
            self._pending = b""
            text = "".join(self._kept)
            if (lost := self._bytes - self._kept_bytes) > 0:
                text += f"\n[{lost} more bytes of output were cut]\n"
            return text

    def _take(self, printed: bytes, final: bool = False) -> None:
        kept = printed[: self._keep - self._kept_bytes]
        self._kept_bytes += len(kept)
        if text := self._decode(_STYLING.sub(b"", kept).replace(self._data, DATA.encode()), final):
            self._kept.append(text)
            self._on_text(text)


def _begun(text: bytes, word: bytes) -> int:
    """How many of the last bytes of `text` may be the beginning of `word`."""
    for length in range(min(len(word) - 1, len(text)), 0, -1):
        if text.endswith(word[:length]):
            return length
    return 0
