"""The events of a Responses stream turned into the parts of an answer.

Lenient where the meaning is clear: servers leave out deltas, indexes or usage, or answer in one piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.models.base import CallArguments, CallStarted, Finished, ModelPart, ModelRequest, Usage
from desktop_app.models.remote.faults import CutOffError, NoAnswerError, ReportedError, TooLongAnswerError
from desktop_app.models.remote.words import WordJoiner, expect, text_of
from desktop_app.models.remote.written import MAX_CALLS, Written, read_usage
from desktop_app.wire.ids import CALL, new_id

_ENDED = {"completed", "incomplete", "failed", "cancelled"}


@dataclass
class _Item:
    """One item of the output; `place` counts the calls that were told, None for what is no call or has no name yet."""

    kind: str
    told: bool = False
    done: bool = False
    place: int | None = None
    words: WordJoiner | None = None


class ResponsesReading:
    """One answer as it comes."""

    def __init__(self, request: ModelRequest) -> None:
        self._written = Written(request)
        self._items: dict[Any, _Item] = {}
        self._calls = 0
        self._thoughts: list[dict[str, Any]] = []
        self._usage: Usage | None = None
        self._reason: str | None = None
        self.begun = False
        self.complete = False

    @property
    def over(self) -> bool:
        return self.complete

    def read(self, given: dict[str, Any] | None) -> list[ModelPart]:
        """The parts that an event brings, or the whole response of a server that does not stream."""
        if given is None:
            self.complete = True
            return []
        kind = text_of(given.get("type"))
        if given.get("object") == "response":
            kind, given = f"response.{given.get('status')}", {"response": given}
        if kind == "error" or (given.get("error") and not kind) or ("detail" in given and not kind):
            raise ReportedError.of(given)
        if not kind.startswith("response."):
            raise NoAnswerError
        self.begun = True
        return list(self._event(kind.removeprefix("response."), given))

    def finish(self) -> list[ModelPart]:
        """What was held back, and `Finished`; raises CutOffError or NoAnswerError when that was not all."""
        if not self.complete:
            raise CutOffError if self.begun else NoAnswerError
        reason: Any = self._reason or ("tool_calls" if self._calls else "stop")
        usage = self._usage or self._written.estimated_usage()
        return [*self._written.rest(), Finished(reason, usage, tuple(self._thoughts))]

    def _event(self, kind: str, given: dict[str, Any]) -> Sequence[ModelPart]:
        match kind:
            case "output_text.delta" | "refusal.delta":
                self._item(given, "message").told = True
                return self._written.text(text_of(given.get("delta")))
            case "reasoning_summary_text.delta" | "reasoning_text.delta":
                self._item(given, "reasoning").told = True
                return self._written.thought(text_of(given.get("delta")))
            case "reasoning_summary_part.added" if given.get("summary_index"):
                return self._written.thought("\n\n")
            case "function_call_arguments.delta":
                return self._arguments(self._item(given, "function_call"), text_of(given.get("delta")))
            case "function_call_arguments.done":
                item = self._item(given, "function_call")
                return [] if item.told else self._arguments(item, text_of(given.get("arguments")))
            case "output_item.added" | "output_item.done":
                whole = expect(dict, given.get("item"))
                item = self._item(given | {"item_id": whole.get("id")}, text_of(whole.get("type")))
                return self._output(item, whole, done=kind.endswith("done"))
            case _ if kind in _ENDED:
                return self._end(kind, expect(dict, given.get("response")))
        return []

    def _item(self, given: dict[str, Any], kind: str) -> _Item:
        index = given.get("output_index")
        key = index if isinstance(index, int) else str(given.get("item_id"))
        return self._items.setdefault(key, _Item(kind))

    def _output(self, item: _Item, given: dict[str, Any], *, done: bool) -> Sequence[ModelPart]:
        """An item of the output, at its beginning or whole; what its deltas have told is not told again."""
        kind, parts = given.get("type"), []
        if kind == "function_call":
            parts += self._start(item, given)
            if done and not item.told:
                parts += self._arguments(item, text_of(given.get("arguments")))
        elif kind == "message" and done and not item.told:
            parts += self._written.text("".join(_texts(given, "content")))
        elif kind == "reasoning" and done:
            if not item.told:
                parts += self._written.thought("\n\n".join(_texts(given, "summary", "content")))
            if given.get("encrypted_content") and not item.done:
                names = ("type", "id", "summary", "encrypted_content")
                self._thoughts.append({name: given[name] for name in names if name in given})
        item.told, item.done = item.told or done, item.done or done
        return parts

    def _start(self, item: _Item, given: dict[str, Any]) -> list[ModelPart]:
        name = text_of(given.get("name"))
        if item.place is not None or not name:
            return []
        if self._calls == MAX_CALLS:
            raise TooLongAnswerError
        item.place, self._calls = self._calls, self._calls + 1
        item.words = WordJoiner()
        self._written.count(name)
        return [CallStarted(item.place, text_of(given.get("call_id") or given.get("id")) or new_id(CALL), name)]

    def _arguments(self, item: _Item, fragment: str) -> list[ModelPart]:
        """A piece of a call's arguments; before the call has a name, it waits for the whole item."""
        if item.place is None or item.words is None or item.done:
            return []
        self._written.count(fragment)
        fragment = item.words.join(fragment)
        item.told = item.told or bool(fragment)
        return [CallArguments(item.place, fragment)] if fragment else []

    def _end(self, status: str, response: dict[str, Any]) -> Sequence[ModelPart]:
        if status in ("failed", "cancelled"):
            raise ReportedError.of(response.get("error") or f"Its status is '{status}'.")
        parts: list[ModelPart] = []
        told = {item.kind for item in self._items.values()}
        for at, given in enumerate(expect(list, response.get("output") or [])):
            kind = text_of(expect(dict, given).get("type"))
            known = self._items.get(at) or self._items.get(str(given.get("id")))
            if known is not None or kind not in told:  # else it was told without its place
                parts += self._output(known or self._item({"output_index": at}, kind), given, done=True)
        if status == "incomplete":
            details = expect(dict, response.get("incomplete_details") or {})
            self._reason = "content_filter" if details.get("reason") == "content_filter" else "length"
        self._usage = read_usage(response.get("usage"), "input", "output") or self._usage
        self.complete = True
        return parts


def _texts(item: dict[str, Any], *names: str) -> list[str]:
    """The words of an item, part by part."""
    parts = [part for name in names for part in expect(list, item.get(name) or []) if isinstance(part, dict)]
    return list(filter(None, (text_of(part.get("text")) + text_of(part.get("refusal")) for part in parts)))
