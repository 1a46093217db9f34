"""The files and texts of the last citations: fetched once; originals are opened with the person's own programs."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from desktop_app.window.copies import Copies, plain_name
from desktop_app.window.source.pdf import Pdf
from desktop_app.wire.extensions import PageText

MAX_FILES = 4
MAX_PAGES = 8
MAX_BYTES = 256 * 1024 * 1024
"""So much is kept beyond the file in use."""

OPENED_AS_THEY_ARE = {".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".tsv", ".html", ".htm", ".epub", ".md", ".txt"}
"""Every other file is text, and is opened as text: a script is to be read, not run."""


class Files(Protocol):
    """What the pane needs of a service; `client.Extensions` has it. Both raise ClientError."""

    async def file_bytes(self, file_id: str) -> bytes: ...

    async def page(self, file_id: str, number: int) -> PageText: ...


@dataclass
class _Original:
    content: bytes
    pdf: Pdf | None = None


class Originals:
    """A cache by file id; `close()` frees it and deletes what was written for other programs."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: OrderedDict[str, _Original] = OrderedDict()
        self._pages: OrderedDict[tuple[str, int], PageText] = OrderedDict()
        self._copies = Copies()

    async def content(self, file_id: str) -> bytes:
        """Raises ClientError."""
        return (await self._original(file_id)).content

    async def pdf(self, file_id: str) -> Pdf:
        """Raises ClientError and UnreadablePdfError."""
        original = await self._original(file_id)
        if original.pdf is None:
            original.pdf = await Pdf.open(original.content)
        return original.pdf

    async def page(self, file_id: str, number: int) -> PageText:
        """The text of a page, `number` from 1. Raises ClientError."""
        key = (file_id, number)
        if key not in self._pages:
            self._pages[key] = await self._files.page(file_id, number)
        self._pages.move_to_end(key)
        page = self._pages[key]
        while len(self._pages) > MAX_PAGES:
            self._pages.popitem(last=False)
        return page

    async def save(self, file_id: str, file_name: str) -> Path:
        """The file in a private folder of this program, for other programs. Raises ClientError and OSError."""
        content = await self.content(file_id)
        name = plain_name(file_name)
        if PurePath(name).suffix.lower() not in OPENED_AS_THEY_ARE:
            name += ".txt"
        return await self._copies.put(name, content)

    def forget(self, file_id: str) -> None:
        self._kept.pop(file_id, None)
        for key in [key for key in self._pages if key[0] == file_id]:
            del self._pages[key]

    def close(self) -> None:
        self._kept.clear()
        self._pages.clear()
        self._copies.close()

    async def _original(self, file_id: str) -> _Original:
        if file_id not in self._kept:
            content = await self._files.file_bytes(file_id)
            self._kept.setdefault(file_id, _Original(content))
        self._kept.move_to_end(file_id)
        original = self._kept[file_id]
        while len(self._kept) > MAX_FILES or (len(self._kept) > 1 and self._size() > MAX_BYTES):
            self._kept.popitem(last=False)
        return original

    def _size(self) -> int:
        return sum(len(original.content) for original in self._kept.values())
