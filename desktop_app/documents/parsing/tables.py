"""Rows of a table as lines of text, each of which can be found and quoted alone."""

import re
from collections.abc import Iterable, Iterator, Sequence

_NUMBER = re.compile(r"[-+(]?[\d.,\s]*\d[\d.,\s]*[%)]?")
_SPACE = re.compile(r"\s+")


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One line per row that has content: `Item: Nail; Price: 3.50`.

    Where the first row is no header (numbers, repeats, a single cell), the cells alone: `Nail; 3.50`.
    """
    header: Sequence[str] | None = None
    for row in rows:
        cells = [_SPACE.sub(" ", cell).strip() for cell in row]
        if not any(cells):
            continue
        if header is None:
            header = cells if _is_header(cells) else []
            yield "; ".join(filter(None, cells))
        else:
            yield "; ".join(_named(header, column, cell) for column, cell in enumerate(cells) if cell)


def _named(header: Sequence[str], column: int, cell: str) -> str:
    name = header[column] if column < len(header) else ""
    return f"{name}: {cell}" if name else cell


def _is_header(cells: Sequence[str]) -> bool:
    names = [cell for cell in cells if cell]
    return len(names) > 1 and len(set(names)) == len(names) and not any(_NUMBER.fullmatch(name) for name in names)
