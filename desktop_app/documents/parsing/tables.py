"""Rows of a table as lines of text, each of which can be found and quoted alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

_NUMBER = re.compile(r"[-+(]?[\d.,\s]*\d[\d.,\s]*[%)]?")
_SPACE = re.compile(r"\s+")
_TOP_ROWS = 30
"""A header is looked for in so many rows."""


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One line per row that has content: `Item: Nail; Price: 3.50`.

    Rows above the header are titles. Without a header, and in titles, the cells stand alone: `Nail; 3.50`.
    """
    cleaned = ([_SPACE.sub(" ", cell).strip() for cell in row] for row in rows)
    top = list(islice(cleaned, _TOP_ROWS))
    place = _header_row(top)
    header: Sequence[str] = ()
    for number, cells in enumerate(chain(top, cleaned)):
        if any(cells):
            yield "; ".join(_named(header, column, cell) for column, cell in enumerate(cells) if cell)
        if number == place:
            header = cells


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Where the header is: the first row of several cells, or one after an empty row that has more of them.

    It is none where its cells are not names, but numbers or repeats.
    """
    place, width = None, 1
    begins = True
    for number, cells in enumerate(rows):
        names = [cell for cell in cells if cell]
        if begins and len(names) > width and _are_names(names):
            place, width = number, len(names)
        begins = not names or (begins and len(names) == 1)
    return place


def _named(header: Sequence[str], column: int, cell: str) -> str:
    name = header[column] if column < len(header) else ""
    return f"{name}: {cell}" if name else cell


def _are_names(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(_NUMBER.fullmatch(cell) for cell in cells)
