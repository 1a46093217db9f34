"""A table that code showed: as Markdown in which nothing but the table is markup, in words, and as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.wire.code import CodeTable

MOST_COLUMNS = 8
"""Beside the index: more would be too narrow to be read."""
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def table_markdown(table: "CodeTable") -> str:
    """The table and, below it, its shape."""
    head, *body = (row[: MOST_COLUMNS + 1] for row in (table.head, *table.body))
    rows = [_row(head), "|" + " --- |" * len(head), *map(_row, body)]
    return "\n".join([*rows, "", shape_in_words(table)])


def shape_in_words(table: "CodeTable") -> str:
    """`First 50 of 1,200 rows, 3 columns`."""
    rows = _shown_of(len(table.body), table.rows, "row")
    columns = _shown_of(min(len(table.head) - 1, MOST_COLUMNS), table.columns, "column")
    return f"{rows[0].upper()}{rows[1:]}, {columns}"


def table_csv(table: "CodeTable") -> str:
    """All that is known of the table, which may be more columns than are shown."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([table.head, *table.body])
    return written.getvalue()


def _row(texts: Iterable[str]) -> str:
    """Every mark is escaped, and every line break is a space."""
    return "| " + " | ".join(_PUNCTUATION.sub(r"\\\1", " ".join(text.split())) for text in texts) + " |"


def _shown_of(shown: int, total: int, noun: str) -> str:
    nouns = noun if total == 1 else f"{noun}s"
    return f"first {shown} of {total:,} {nouns}" if shown < total else f"{total:,} {nouns}"
