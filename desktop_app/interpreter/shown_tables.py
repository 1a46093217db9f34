"""Tables that come out of a worker: nothing but bounded texts is passed on, and where the logs say the same."""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from desktop_app.wire.code import CodeTable

MAX_BYTES = 2 * 1024 * 1024
"""Of a table with what was printed of it."""
_SHOWN = TypeAdapter(tuple[CodeTable, str])


def read(attached: bytes) -> tuple[CodeTable, str] | None:
    """The table that a worker sent, with what it printed of it; None when it is not what a worker sends."""
    if len(attached) > MAX_BYTES:
        return None
    try:
        return _SHOWN.validate_json(attached, strict=True)
    except ValidationError:
        return None


def placed(shown: Iterable[tuple[CodeTable, str]], logs: str) -> list[CodeTable]:
    """The tables, in order, each with its place in the logs."""
    tables, here = [], 0
    for table, printed in shown:
        start = logs.find(printed, here) if printed else -1
        start, end = (start, start + len(printed)) if start >= 0 else (len(logs), len(logs))
        here = end if start < len(logs) else here
        tables.append(table.model_copy(update={"start": start, "end": end}))
    return tables
