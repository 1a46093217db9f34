"""PowerPoint, Excel, OpenDocument, RTF and mail, through kreuzberg.

Its type is always named: left to guess, kreuzberg would download grammars for source code.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from desktop_app.documents.parsing.pages import ParsedPage, UnreadableFileError, clean
from desktop_app.documents.parsing.tables import table_lines

_OPENXML = "application/vnd.openxmlformats-officedocument."
_WITHOUT_PAGES = {
    ".odt": "application/vnd.oasis.opendocument.text",
    ".rtf": "application/rtf",
    ".eml": "message/rfc822",
}
_SLIDE = re.compile("\x1eslide (\\d+)\x1e")
_MIDNIGHT = " 00:00:00"


def office_reader(ending: str) -> Callable[[Path], Iterator[ParsedPage]] | None:
    """The reader for a file name's ending, None where it is none of these."""
    if ending in _WITHOUT_PAGES:
        return partial(_read_one_page, _WITHOUT_PAGES[ending])
    return {".pptx": _read_pptx, ".pptm": _read_pptx, ".xlsx": _read_xlsx, ".xlsm": _read_xlsx}.get(ending)


def _read_one_page(mime_type: str, path: Path) -> Iterator[ParsedPage]:
    yield ParsedPage(1, "", clean(_extract(path, mime_type).content))


def _read_pptx(path: Path) -> Iterator[ParsedPage]:
    # Its list of pages is empty for slides, so the slides are parted by markers of our own.
    content = _extract(path, _OPENXML + "presentationml.presentation", marker="\n\x1eslide {page_num}\x1e\n").content
    _, *parts = _SLIDE.split(content)
    for number, text in zip(parts[::2], parts[1::2], strict=True):
        yield ParsedPage(int(number), f"slide {number}", clean(text).strip())


def _read_xlsx(path: Path) -> Iterator[ParsedPage]:
    result = _extract(path, _OPENXML + "spreadsheetml.sheet")
    names = result.metadata.get("sheet_names", [])
    for number, table in enumerate(result.tables, start=1):
        sheet = names[table.page_number - 1] if table.page_number <= len(names) else str(table.page_number)
        rows = ([clean(cell).removesuffix(_MIDNIGHT) for cell in row] for row in table.cells)
        yield ParsedPage(number, f"sheet {clean(sheet)}", "\n".join(table_lines(rows)))


def _extract(path: Path, mime_type: str, marker: str = "") -> Any:
    import kreuzberg

    pages = kreuzberg.PageConfig(extract_pages=True, insert_page_markers=bool(marker), marker_format=marker or None)
    config = kreuzberg.ExtractionConfig(
        pages=pages,
        use_cache=False,
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    try:
        return kreuzberg.extract_file_sync(path, mime_type=mime_type, config=config)
    except kreuzberg.KreuzbergError as error:
        raise UnreadableFileError(f"This file is damaged, cut off, or not what its name says ({error}).") from error
