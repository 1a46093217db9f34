"""Rows of a table as lines of text, each of which can be found and quoted alone."""

import re
from collections.abc import Iterable, Iterator, Sequence

_NUMBER = re.compile(r"[-+(]?[\d.,\s]*\d[\d.,\s]*[%)]?")
_SPACE = re.compile(r"\s+")


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One line per row that has content: `Item: Nail; Price: 3.50`.

    The header is the first row of several cells; rows above it are titles. Where it is none (numbers, repeats),
    the cells stand alone: `Nail; 3.50`.
    """
    header: Sequence[str] | None = None
    for row in rows:
        cells = [_SPACE.sub(" ", cell).strip() for cell in row]
        if not any(cells):
            continue
        if header:
            yield "; ".join(_named(header, column, cell) for column, cell in enumerate(cells) if cell)
            continue
        names = [cell for cell in cells if cell]
        yield "; ".join(names)
        if header is None and len(names) > 1:
            header = cells if _are_names(names) else []


def _named(header: Sequence[str], column: int, cell: str) -> str:
    name = header[column] if column < len(header) else ""
    return f"{name}: {cell}" if name else cell


def _are_names(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(_NUMBER.fullmatch(cell) for cell in cells)
