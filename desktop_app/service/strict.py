"""The SDK's parameter types made into strict checks of requests.

The SDK describes requests as TypedDicts for the writer: iterables where JSON has lists, no limits, no refusal of
unknown fields. `strict_type` rebuilds such a type for the reader; `desktop_app/service/rules.py` adds the limits.
"""

import types
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin

from pydantic import AfterValidator, ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator, with_config
from typing_extensions import TypedDict, get_type_hints, is_typeddict

from desktop_app.service.rules import RULES


def _as_given(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A number stays what it is in JSON: an integer is no float."""
    checked = check(value)
    return value if isinstance(value, int) else checked


_Number = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_given)]
_LISTS = (list, Iterable, Sequence)  # the SDK's SequenceNotStr is a Sequence at run time


def strict_type(type_: Any, without: Iterable[str] = ()) -> Any:
    """`type_` with lists for iterables, limits from the table, unions told apart by their `type`, and null allowed
    for every field that need not be given (it is dropped). `without` are fields that come in the path."""
    if is_typeddict(type_):
        return Annotated[_typed_dict(type_, frozenset(without)), AfterValidator(_drop_nulls)]
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in _LISTS:
        return list[strict_type(arguments[0])]  # type: ignore[misc]  # a type made while running
    if origin is dict:
        return dict[arguments[0], strict_type(arguments[1])]  # type: ignore[valid-type, misc]  # likewise
    if origin in (Union, types.UnionType):
        return _union(arguments)
    return _Number if type_ is float else type_


def nullable_fields(type_: Any) -> frozenset[str]:
    """The fields that a modification may clear with null."""
    hints = get_type_hints(type_, include_extras=True)
    return frozenset(name for name, hint in hints.items() if type(None) in get_args(_unwrap(hint)[0]))


def _typed_dict(type_: Any, without: frozenset[str]) -> Any:
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(type_, include_extras=True).items():
        if name in without:
            continue
        inner, required = _unwrap(hint)
        rules = RULES.get(f"{type_.__name__}.{name}", RULES.get(name, ()))
        checked = strict_type(inner)
        for rule in rules:
            checked = _with_rule(checked, rule)
        fields[name] = Required[checked] if required else checked | None
    made = TypedDict(type_.__name__, fields, total=False)  # type: ignore[misc]  # a type made while running
    made.__module__ = type_.__module__  # the SDK has types of one name in several modules
    return with_config(ConfigDict(extra="forbid"))(made)


def _with_rule(checked: Any, rule: Any) -> Any:
    """The rule on the type itself, beside null; on a number before it is kept as given, where pydantic knows it."""
    if checked == _Number:
        number, finite, as_given = get_args(checked)
        return Annotated[number, finite, rule, as_given]
    if type(None) in get_args(checked):
        others = tuple(each for each in get_args(checked) if each is not type(None))
        return _with_rule(_any_of(others), rule) | None
    return Annotated[checked, rule]


def _union(members: tuple[Any, ...]) -> Any:
    objects = tuple(strict_type(member) for member in members if is_typeddict(member))
    others = tuple(strict_type(member) for member in members if not is_typeddict(member))
    if str in others:
        others = tuple(
            each for each in others if get_origin(each) is not Literal
        )  # names of known models and the like
    if len(objects) > 1:
        objects = (Annotated[_any_of(objects), Field(discriminator="type")],)
    return _any_of(others + objects)


def _any_of(members: tuple[Any, ...]) -> Any:
    return reduce(or_, members)


def _unwrap(hint: Any) -> tuple[Any, bool]:
    return (get_args(hint)[0], True) if get_origin(hint) is Required else (hint, False)


def _drop_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None}
