"""From pydantic's words for a wrong request to the protocol's: message, `param` as a path, and `code`."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from desktop_app.wire.errors import ApiError

_SHOWN_CHARS = 100

_CODES = {
    "missing": "missing_required_parameter",
    "union_tag_not_found": "missing_required_parameter",
    "extra_forbidden": "unknown_parameter",
    "string_above_max_length": "string_above_max_length",
}
_BOUNDS = {"greater_than_equal": "below_min_value", "less_than_equal": "above_max_value"}


def fault_of(error: ValidationError, given: Any) -> ApiError:
    """The refusal for what is wrong deepest in the request: in a union, the branch that came furthest."""
    errors = error.errors(include_url=False)
    return _fault(max(errors, key=lambda each: len(_path(each, given))), given)


def _fault(error: ErrorDetails, given: Any) -> ApiError:
    param = _joined(_path(error, given))
    code = _code(error)
    match code:
        case "missing_required_parameter":
            message = f"Missing required parameter: '{param}'."
        case "unknown_parameter":
            message = f"Unknown parameter: '{param}'."
        case "invalid_type":
            message = f"Invalid type for '{param}': {_plain(error['msg'])}."
        case _:
            message = f"Invalid '{param}': {_plain(error['msg'])}."
    return ApiError(message, param=param, code=code)


def _code(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind in _CODES:
        return _CODES[kind]
    if kind in _BOUNDS:
        return f"{'integer' if re.fullmatch(r'-?[0-9]+', str(value)) else 'decimal'}_{_BOUNDS[kind]}"
    if kind.endswith("too_long"):
        return f"{_sized(value)}_above_max_{'properties' if isinstance(value, dict) else 'length'}"
    if kind.endswith("too_short"):
        return f"{_sized(value)}_below_min_length"
    return "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"


def _sized(value: Any) -> str:
    return "string" if isinstance(value, str) else "object" if isinstance(value, dict) else "array"


def _plain(message: str) -> str:
    """Pydantic's sentence about the value, short and without its own terms."""
    message = re.sub(r"Input should|Dictionary should|List should|String should|Value should", "it should", message)
    message = re.sub(
        r"Input tag (.*) found using 'type' does not match any of the expected tags:", r"\1 is none of", message
    )
    message = message[0].lower() + message[1:] if message else message
    return message if len(message) <= 4 * _SHOWN_CHARS else message[: 4 * _SHOWN_CHARS] + "…"


def _path(error: ErrorDetails, given: Any) -> list[str | int]:
    """The place in the request; pydantic's own marks for branches of a union are left out."""
    path: list[str | int] = []
    at = given
    location = error["loc"]
    for number, part in enumerate(location):
        inside = (isinstance(at, dict) and part in at) or (isinstance(at, list) and isinstance(part, int))
        if inside:
            at = at[part]
            path.append(part)
        elif number == len(location) - 1 and error["type"] == "missing":
            path.append(part)
    if error["type"] == "union_tag_not_found":
        path.append("type")
    elif "field" in error.get("ctx", {}):
        path.append(error["ctx"]["field"])
    return path


def _joined(path: Sequence[str | int]) -> str:
    joined = ""
    for part in path:
        joined += f"[{part}]" if isinstance(part, int) else f".{part}" if joined else str(part)
    return joined[: 2 * _SHOWN_CHARS]
