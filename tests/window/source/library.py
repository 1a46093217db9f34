"""Real files in a folder, read with the service's own reader: what a service gives the Source pane."""

import re
from pathlib import Path

from desktop_app.client.errors import RefusedError
from desktop_app.documents import layout
from desktop_app.documents.parsing.formats import read_document
from desktop_app.documents.parsing.pages import ParsedPage
from desktop_app.wire.extensions import Citation, PageText


class Library:
    """`Files` of the Source pane over a folder; a file's id is its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []

    async def file_bytes(self, file_id: str) -> bytes:
        self.fetched.append(file_id)
        try:
            return (self.folder / file_id).read_bytes()
        except FileNotFoundError as error:
            raise RefusedError(f"No such File object: {file_id}", 404) from error

    async def page(self, file_id: str, number: int) -> PageText:
        pages = self._pages(file_id)
        if not 1 <= number <= len(pages):
            raise RefusedError(f"There is no page {number}: '{file_id}' has {len(pages)} pages.", 404)
        page = pages[number - 1]
        return PageText(
            file_id=file_id,
            file_name=file_id,
            number=number,
            label=page.label,
            page_count=len(pages),
            text=page.text,
            has_text=bool(page.text),
        )

    def cite(self, name: str, quote: str, number: int = 1, exact: bool = True) -> Citation:
        """The citation of `quote`, which stands on page `number` over any lines, as the service makes it."""
        page = self._pages(name)[number - 1]
        found = re.search(r"\s+".join(map(re.escape, quote.split())), page.text)
        assert found is not None
        start, end = found.span()
        return Citation(
            file_id=name,
            file_name=name,
            quote=found[0],
            page=number if page.label else None,
            page_label=page.label,
            start=start,
            end=end,
            boxes=layout.boxes(page.words, number, start, end),
            exact=exact,
        )

    def _pages(self, name: str) -> list[ParsedPage]:
        path = self.folder / name
        if not path.exists():
            raise RefusedError(f"No such File object: {name}", 404)
        return list(read_document(path, name)[1])
