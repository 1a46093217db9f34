"""What reading a file yields: pages of clean text, or a reason why there are none."""

import re
from dataclasses import dataclass
from typing import Literal

MAX_CHARACTERS = 20_000_000
"""Most text that one file may hold: about the 5,000,000 tokens that the hosted service allows per file."""

NO_TEXT = "No text was found in this file."

ErrorCode = Literal["unsupported_file", "invalid_file", "server_error"]

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\xad\ud800-\udfff\ufeff\ufffe\uffff]")


class UnreadableFileError(Exception):
    """A file can't be read. `code` is the protocol's `last_error.code`, the message is for the person who added it."""

    def __init__(self, message: str, code: ErrorCode = "invalid_file") -> None:
        super().__init__(message)
        self.message = message
        self.code: ErrorCode = code


@dataclass(frozen=True)
class ParsedPage:
    """One page. `label` is "page 4", "slide 2", "sheet Prices", or "" where the format has no pages.

    `width` and `height` are those of the page as shown, in points; 0 without layout. `words` is made by
    `documents.layout.pack`. `blank` says of a page without text that nothing else is on it either.
    """

    number: int
    label: str
    text: str
    width: float = 0.0
    height: float = 0.0
    words: bytes | None = None
    blank: bool = False


def clean(text: str) -> str:
    """`text` with line feeds only, and without what can't be held or seen: controls, lone surrogates, soft hyphens."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return _NOT_TEXT.sub("", text)


def too_much_text() -> UnreadableFileError:
    return UnreadableFileError(
        f"This file holds more than {MAX_CHARACTERS // 1_000_000} million characters of text, the most that one file "
        "may have. Split it into smaller files."
    )
