"""Pages of a list: `limit`, `order`, `after` and `before`, the same for every resource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from desktop_app.wire.errors import ApiError
from desktop_app.wire.limits import PAGE_LIMIT_DEFAULT


@dataclass(frozen=True)
class PageQuery:
    """What a client asks of a list; validated where it enters."""

    limit: int = PAGE_LIMIT_DEFAULT
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows in the asked order; `has_more` tells of rows further on in the direction that was walked."""

    rows: Sequence[dict[str, Any]]
    has_more: bool


def read_page(
    connection: sa.Connection,
    table: sa.Table,
    query: PageQuery,
    *where: sa.ColumnElement[bool],
    cursor: str = "id",
    order_by: Sequence[sa.ColumnElement[Any]] = (),
) -> Page:
    """One page of `table`, ordered by its `seq` or by the columns `order_by`.

    `cursor` is the column that `after` and `before` name. With `before` alone the page is the one nearest to
    the cursor. Raises ApiError 400 for a cursor that names no row of this list.
    """
    columns = tuple(order_by) or (table.c.seq,)
    sequence = sa.tuple_(*columns)
    conditions = list(where)
    ascending = query.order == "asc"
    for name, object_id in (("after", query.after), ("before", query.before)):
        if object_id is not None:
            at = _place_of(connection, table, columns, where, cursor, object_id, name)
            conditions.append(sequence > at if (name == "after") == ascending else sequence < at)
    backwards = query.before is not None and query.after is None
    direction = [column.asc() if ascending != backwards else column.desc() for column in columns]
    statement = sa.select(table).where(*conditions).order_by(*direction).limit(query.limit + 1)
    rows: list[dict[str, Any]] = [dict(row) for row in connection.execute(statement).mappings()]
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    return Page(rows[::-1] if backwards else rows, has_more)


def as_list(objects: Sequence[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """The protocol's list object; `first_id` and `last_id` are those of this page."""
    return {
        "object": "list",
        "data": list(objects),
        "first_id": objects[0]["id"] if objects else None,
        "last_id": objects[-1]["id"] if objects else None,
        "has_more": has_more,
    }


def _place_of(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[sa.ColumnElement[Any]],
    where: Sequence[sa.ColumnElement[bool]],
    cursor: str,
    object_id: str,
    param: str,
) -> sa.ColumnElement[Any]:
    statement = sa.select(*columns).where(table.c[cursor] == object_id, *where)
    found = connection.execute(statement).first()
    if found is None:
        raise ApiError(f"'{object_id[:64]}' is not in this list.", param=param, code="invalid_value")
    return sa.tuple_(*found)
