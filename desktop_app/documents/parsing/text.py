"""Text, Markdown, JSON, source code, TeX and CSV: decoded by ourselves, one page without a label."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from desktop_app.documents.parsing.pages import MAX_CHARACTERS, ParsedPage, UnreadableFileError, clean, too_much_text
from desktop_app.documents.parsing.tables import table_lines

_BYTES_PER_CHARACTER = 4
_SEPARATORS = ",;\t|"
_CONTROL_SHARE = 0.02
"""A file with more control characters than this is not text in any encoding we know."""


def read_text(path: Path) -> Iterator[ParsedPage]:
    yield ParsedPage(1, "", decode(path))


def read_csv(path: Path) -> Iterator[ParsedPage]:
    """Each row becomes a line of its own that names its columns."""
    text = decode(path)
    first_line = text.split("\n", 1)[0]
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        rows = csv.reader(io.StringIO(text), delimiter=max(_SEPARATORS, key=first_line.count))
        lines = "\n".join(table_lines(rows))
    except csv.Error:
        lines = text
    yield ParsedPage(1, "", lines)


def decode(path: Path, fallback: str = "cp1252") -> str:
    """The file's text: UTF-8, UTF-16 with a byte order mark, else `fallback` (Windows-1252).

    Raises UnreadableFileError for bytes that are no text, and for too much of it.
    """
    if path.stat().st_size > MAX_CHARACTERS * _BYTES_PER_CHARACTER:
        raise too_much_text()
    data = path.read_bytes()
    text = clean(_decoded(data, fallback))
    if len(text) > MAX_CHARACTERS:
        raise too_much_text()
    return text


def looks_like_text(data: bytes) -> bool:
    """Whether the beginning of a file (a few kilobytes) is text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in data)
    return b"\0" not in data and controls <= len(data) * _CONTROL_SHARE


def _decoded(data: bytes, fallback: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if not looks_like_text(data[:65_536]):
        raise UnreadableFileError("This is not text: the file holds binary data. Was it renamed, or is it damaged?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(fallback, errors="replace")
