"""Filters on the attributes of files, as the protocol has them.

A comparison names an attribute. A file without that attribute meets `ne` and `nin` and no other comparison; so does
one whose attribute is of another kind: text, number and boolean never equal and never order each other.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

Attributes = Mapping[str, Any]
Predicate = Callable[[Attributes], bool]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class FilterError(ValueError):
    """The filter is not one; the message names the part that is wrong."""


def compile_filter(filters: Mapping[str, Any]) -> Predicate:
    """Whether a file with given attributes passes; raises FilterError."""
    kind = filters.get("type")
    if kind in ("and", "or"):
        parts = filters.get("filters")
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            raise FilterError(f"'{kind}' needs a list of filters.")
        meets = [compile_filter(part) for part in parts]
        every = all if kind == "and" else any
        return lambda attributes: every(meet(attributes) for meet in meets)
    return _comparison(kind, filters)


def _comparison(kind: Any, filters: Mapping[str, Any]) -> Predicate:
    key, value = filters.get("key"), filters.get("value")
    if not isinstance(key, str) or "value" not in filters:
        raise FilterError("A comparison needs a 'key' and a 'value'.")
    if kind == "eq":
        return lambda attributes: _equal(attributes.get(key), value)
    if kind == "ne":
        return lambda attributes: not _equal(attributes.get(key), value)
    if kind in ("in", "nin"):
        if not isinstance(value, list):
            raise FilterError(f"'{kind}' needs a list as its value.")
        return lambda attributes: any(_equal(attributes.get(key), each) for each in value) == (kind == "in")
    if isinstance(kind, str) and (order := _ORDERS.get(kind)):
        return lambda attributes: _same_kind(attributes.get(key), value) and order(attributes[key], value)
    raise FilterError(f"'{kind}' is no filter: use eq, ne, gt, gte, lt, lte, in, nin, and, or.")


def _equal(own: Any, value: Any) -> bool:
    return _same_kind(own, value) and bool(own == value)


def _same_kind(own: Any, value: Any) -> bool:
    if isinstance(own, bool) or isinstance(value, bool):
        return isinstance(own, bool) and isinstance(value, bool)
    if isinstance(own, str):
        return isinstance(value, str)
    return isinstance(own, int | float) and isinstance(value, int | float)
