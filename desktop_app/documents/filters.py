"""Filters on the attributes of files, as the protocol has them.

A comparison names an attribute. A file without that attribute meets `ne` and `nin` and no other comparison; so does
one whose attribute is of another kind: text, number and boolean never equal and never order each other.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

Attributes = Mapping[str, Any]
Predicate = Callable[[Attributes], bool]

_COMPOUNDS: Mapping[str, Callable[[Any], bool]] = {"and": all, "or": any}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_MEMBERSHIPS = ("in", "nin")
_COMPARISONS = ("eq", "ne", *_ORDERS, *_MEMBERSHIPS)


class FilterError(ValueError):
    """The filter is not one; the message says why, `param` is the place that is wrong: `filters.filters[0].value`."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


def compile_filter(filters: Any, param: str = "filters") -> Predicate:
    """Whether a file with given attributes passes; raises FilterError."""
    kind = str(filters.get("type")) if isinstance(filters, Mapping) else ""
    if kind in _COMPOUNDS:
        _check_fields(filters, ("type", "filters"), param)
        parts = filters["filters"]
        if not isinstance(parts, list):
            raise FilterError(f"'{kind}' needs a list of filters.", f"{param}.filters")
        meets = [compile_filter(part, f"{param}.filters[{number}]") for number, part in enumerate(parts)]
        every = _COMPOUNDS[kind]
        return lambda attributes: every(meet(attributes) for meet in meets)
    if kind in _COMPARISONS:
        _check_fields(filters, ("type", "key", "value"), param)
        return _comparison(kind, filters["key"], filters["value"], param)
    known = ", ".join((*_COMPARISONS, *_COMPOUNDS))
    raise FilterError(f"'{kind[:64]}' is no type of a filter: use one of {known}.", f"{param}.type")


def _comparison(kind: str, key: Any, value: Any, param: str) -> Predicate:
    if not isinstance(key, str):
        raise FilterError("The key of a filter is the name of an attribute.", f"{param}.key")
    if kind in _MEMBERSHIPS:
        if not isinstance(value, list) or not all(isinstance(each, str) or _is_number(each) for each in value):
            raise FilterError(f"'{kind}' needs a list of texts and numbers.", f"{param}.value")
        return lambda attributes: any(_equal(attributes.get(key), each) for each in value) == (kind == "in")
    if not isinstance(value, str | bool) and not _is_number(value):
        raise FilterError(f"'{kind}' needs a text, a number or a boolean.", f"{param}.value")
    if kind in _ORDERS:
        order = _ORDERS[kind]
        return lambda attributes: _same_kind(attributes.get(key), value) and order(attributes[key], value)
    return lambda attributes: _equal(attributes.get(key), value) == (kind == "eq")


def _check_fields(filters: Mapping[str, Any], fields: tuple[str, ...], param: str) -> None:
    for field in fields:
        if field not in filters:
            raise FilterError(f"This filter needs a '{field}'.", f"{param}.{field}")
    for field in filters:
        if field not in fields:
            raise FilterError(f"A filter of this type has no '{field[:64]}'.", f"{param}.{field[:64]}")


def _equal(own: Any, value: Any) -> bool:
    return _same_kind(own, value) and bool(own == value)


def _same_kind(own: Any, value: Any) -> bool:
    return any(isinstance(own, kind) and isinstance(value, kind) for kind in (str, bool)) or (
        _is_number(own) and _is_number(value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
