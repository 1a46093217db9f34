"""Tables that a cell shows, in the worker: the beginning of a DataFrame or a Series, as texts."""

import json
import numbers
import sys
from typing import TYPE_CHECKING, Any

from desktop_app.interpreter.orders import DATA
from desktop_app.wire.limits import CODE_TABLE_CELL_CHARS, CODE_TABLE_COLUMNS, CODE_TABLE_ROWS

if TYPE_CHECKING:
    from pandas import DataFrame

_MOST_PRINTED = 64 * 1024
"""Characters: no log keeps more."""


def beginning(value: Any, printed: str, data: str) -> bytes | None:
    """What the host is sent of a table that was `printed`; None when `value` is none. pandas is used only when code
    has imported it. `data`: the real name of the folder that is told as /mnt/data."""
    try:
        pandas = sys.modules["pandas"]
        if isinstance(value, pandas.Series):
            value = value.to_frame("" if value.name is None else value.name)
        if not isinstance(value, pandas.DataFrame):
            return None
        known = printed if len(printed) <= _MOST_PRINTED else ""
        told = json.dumps([_table(value), known], ensure_ascii=False)
        return told.replace(json.dumps(data, ensure_ascii=False)[1:-1], DATA).encode(errors="replace")
    except Exception:  # a table that can't be taken apart was printed all the same
        return None


def _table(frame: "DataFrame") -> dict[str, Any]:
    part = frame.iloc[:CODE_TABLE_ROWS, :CODE_TABLE_COLUMNS]
    index = [name for name in part.index.names if name is not None]
    return {
        "head": [_text(tuple(index)), *map(_text, part.columns)],
        "body": [[_text(value) for value in row] for row in part.itertuples(name=None)],
        "rows": len(frame.index),
        "columns": len(frame.columns),
    }


def _text(value: Any) -> str:
    """As pandas writes it, more or less; of a level of several names, all of them."""
    if isinstance(value, tuple):
        text = ", ".join(map(_text, value))
    elif isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational):
        text = _number(float(value))
    else:
        text = str(value)
    return text if len(text) <= CODE_TABLE_CELL_CHARS else text[: CODE_TABLE_CELL_CHARS - 1] + "…"


def _number(value: float) -> str:
    """Six digits after the point, but no zeros at the end; very large and very small ones by their power of ten."""
    if value != 0 and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.6g}"  # nan and inf as well
    return f"{value:.6f}".rstrip("0").rstrip(".")
