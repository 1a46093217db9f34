"""Tool calls put together from a provider's pieces."""

import json
from dataclasses import dataclass, field
from typing import Any

from desktop_app.models.base import CallArguments, CallStarted, ModelPart
from desktop_app.models.remote.faults import NoAnswerError
from desktop_app.models.remote.words import WordJoiner, text_of
from desktop_app.models.remote.written import MAX_CALLS, Written
from desktop_app.wire.ids import CALL, new_id


@dataclass
class _Call:
    """One call. `given_id` is the server's own; `place` is set once the call has been told."""

    given_id: str
    name: str = ""
    place: int | None = None
    fragments: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    words: WordJoiner = field(default_factory=WordJoiner)

    @property
    def has_all_arguments(self) -> bool:
        try:
            return isinstance(json.loads("".join(self.fragments)), dict)
        except (ValueError, RecursionError):
            return False


class CallReader:
    """The calls of one turn. A call is told once its name is whole: when its arguments begin, or another call."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._ids: set[str] = set()
        self.count = 0
        """How many calls were told."""

    def read(self, piece: dict[str, Any], written: Written) -> list[ModelPart]:
        """What a `tool_calls` entry brings."""
        function = piece.get("function") or {}
        if not isinstance(function, dict):
            raise NoAnswerError
        index, call_id = piece.get("index"), piece.get("id")
        call_id = str(call_id) if isinstance(call_id, str | int) else ""
        name, fragment = text_of(function.get("name")), _arguments(function.get("arguments"))
        written.count(name, fragment)
        parts: list[ModelPart] = []
        call = self._known(index, call_id, name)
        if call is None:
            parts.extend(self._tell_all())
            call = self._begin(index, call_id)
        if call.place is None and name != call.name:  # some servers repeat the name in every piece
            call.name += name
        call.given_id = call.given_id or call_id
        fragment = call.words.join(fragment)
        if fragment:
            call.fragments.append(fragment)
            call.untold.append(fragment)
            parts.extend(self._tell(call))
        return parts

    def finish(self) -> list[ModelPart]:
        """What was held back; a call that never had a name is none."""
        return self._tell_all()

    def _known(self, index: Any, call_id: str, name: str) -> _Call | None:
        """The call that a piece goes on with; None for a new one.

        A server's index may begin anywhere or repeat, and so may its ids. Without an index, a name begins a call and
        all else belongs to the last one.
        """
        if isinstance(index, int):
            call = self._by_index.get(index)
        else:
            call = next((each for each in self._calls if call_id and each.given_id == call_id), None)
            if call is None and self._calls and not (name and call_id):
                call = self._calls[-1]
        if call is None or not name:
            return call
        other_id = bool(call_id and call.given_id and call_id != call.given_id)
        other_name = not isinstance(index, int) and name != call.name
        return None if other_id or other_name or call.has_all_arguments else call

    def _begin(self, index: Any, call_id: str) -> _Call:
        if len(self._calls) == MAX_CALLS:
            raise NoAnswerError
        call = _Call(call_id)
        self._calls.append(call)
        if isinstance(index, int):
            self._by_index[index] = call
        return call

    def _tell_all(self) -> list[ModelPart]:
        return [part for call in self._calls for part in self._tell(call)]

    def _tell(self, call: _Call) -> list[ModelPart]:
        """What is known of the call and was not told yet."""
        if not call.name:
            return []
        parts: list[ModelPart] = []
        if call.place is None:
            call.place, self.count = self.count, self.count + 1
            known = call.given_id if call.given_id not in self._ids else ""
            call_id = known or new_id(CALL)
            self._ids.add(call_id)
            parts.append(CallStarted(call.place, call_id, call.name))
        parts.extend(CallArguments(call.place, fragment) for fragment in call.untold)
        call.untold.clear()
        return parts


def _arguments(given: Any) -> str:
    """Arguments are JSON text; some servers send the object itself."""
    return json.dumps(given, ensure_ascii=False) if isinstance(given, dict | list) else text_of(given)
