"""Whether a model's call can be passed on; what is wrong with it is told to the model, which may try again."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from desktop_app.models.base import ModelError

MAX_COMPLAINTS = 2
"""A model that calls wrongly once more in a run will not learn it."""

_UNCHECKED = ("pattern", "patternProperties")
"""Of a schema: a client's regular expressions could take for ever."""


class CallCheck:
    """Knows a run's tools, and how often its model was told that it calls wrongly.

    Arguments of a function must be JSON. Whether they fit the function's schema is checked for `strict` functions
    only, whose arguments the hosted API guaranteed; with `all_schemas` for all: of a model that knows no calls by
    itself. `names` are those of all tools.
    """

    def __init__(self, tools: Sequence[dict[str, Any]], names: Collection[str]) -> None:
        self._functions = {tool["function"]["name"]: tool["function"] for tool in tools if tool["type"] == "function"}
        self._names = names
        self._complaints = 0

    def complaint(self, name: str, arguments: str, *, all_schemas: bool) -> str | None:
        """What is wrong with a call, for the model; None when nothing is."""
        if name not in self._names:
            return f"There is no tool named '{name}'."
        function = self._functions.get(name)
        if function is None:
            return None
        try:
            given = json.loads(arguments or "{}")
        except (ValueError, RecursionError) as error:
            return f"The arguments of '{name}' are no JSON ({error}). Call it again with a JSON object."
        misfit = _misfit(given, function.get("parameters") or {}) if function.get("strict") or all_schemas else ""
        return f"The arguments of '{name}' do not fit its schema: {misfit}. Call it again." if misfit else None

    def count(self, complaints: Sequence[str], model: str) -> None:
        """The complaints about one turn; raises ModelError for a turn too many that has some."""
        self._complaints += bool(complaints)
        if complaints and self._complaints > MAX_COMPLAINTS:
            raise ModelError(
                f"The model '{model}' called tools wrongly {self._complaints} times and gave no answer. "
                f"{complaints[0]} Choose another model, one that is good at calling functions.",
                "server_error",
            )


def _misfit(given: Any, schema: Mapping[str, Any]) -> str:
    """In which way `given` breaks the schema; "" when it does not, or the schema is none."""
    import jsonschema

    try:
        found = jsonschema.exceptions.best_match(_validator()(schema).iter_errors(given))
    except Exception:  # of whatever kind, the fault is the schema's
        return ""
    if found is None:
        return ""
    place = found.json_path.removeprefix("$").removeprefix(".")
    return f"{place}: {found.message}" if place else str(found.message)


@cache
def _validator() -> Any:
    """Follows no reference to elsewhere. Importing what it needs takes 0.1 s, which few runs have a use for."""
    from functools import partial

    import jsonschema
    import referencing

    known = jsonschema.Draft202012Validator
    checks = {name: check for name, check in known.VALIDATORS.items() if name not in _UNCHECKED}
    return partial(jsonschema.validators.create(known.META_SCHEMA, checks), registry=referencing.Registry())
