"""A provider's objects turned into the parts of an answer.

Lenient where the meaning is clear: servers leave out ids, indexes, usage or the finish reason, send a call in one
piece or its name in several, or answer without streaming.
"""

from typing import Any

from desktop_app.models.base import Finished, ModelPart, ModelRequest, Usage
from desktop_app.models.chat.calls import CallReader
from desktop_app.models.remote.faults import CutOffError, NoAnswerError, ReportedError
from desktop_app.models.remote.words import expect, text_of
from desktop_app.models.remote.written import Written, read_usage

_FINISH = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
_BROKEN_OFF = {"error", "insufficient_system_resource"}


class ChatReading:
    """One answer as it comes."""

    def __init__(self, request: ModelRequest) -> None:
        self._written = Written(request)
        self._calls = CallReader()
        self._usage: Usage | None = None
        self._reason: str | None = None
        self.begun = False
        """Whether anything came that belongs to an answer."""
        self._done = False

    @property
    def over(self) -> bool:
        return self._done

    @property
    def complete(self) -> bool:
        """Whether the model has said that it is finished, whatever becomes of the connection."""
        return self._done or self._reason is not None

    def read(self, chunk: dict[str, Any] | None) -> list[ModelPart]:
        """The parts that an object brings; None is the stream's `[DONE]`."""
        if chunk is None:
            self._done = True
            return []
        _refuse_report(chunk)
        self._usage = read_usage(chunk.get("usage"), "prompt", "completion") or self._usage
        choices = chunk.get("choices")
        if choices is None:
            return []
        choice = expect(dict, expect(list, choices)[0]) if choices else {}
        self.begun = True
        delta = expect(dict, choice.get("delta") or choice.get("message") or {})
        content = delta.get("content")
        parts = [
            *self._written.thought(_thought(delta, content)),
            *self._written.text(text_of(content) + text_of(delta.get("refusal"))),
        ]
        calls = expect(list, delta.get("tool_calls") or [])
        if old := delta.get("function_call"):
            calls = [{"function": old}]
        for call in calls:
            parts.extend(self._calls.read(expect(dict, call), self._written))
        reason = text_of(choice.get("finish_reason")).lower()
        if reason in _BROKEN_OFF:
            raise ReportedError(f"It stopped with the reason '{reason}'.")
        self._reason = reason or self._reason
        return parts

    def finish(self) -> list[ModelPart]:
        """What was held back, and `Finished`; raises CutOffError or NoAnswerError when that was not all."""
        if not self.complete:
            raise CutOffError if self.begun else NoAnswerError
        held = [*self._written.rest(), *self._calls.finish()]
        reason: Any = _FINISH.get(self._reason or "", "tool_calls" if self._calls.count else "stop")
        return [*held, Finished(reason, self._usage or self._written.estimated_usage())]


def _refuse_report(chunk: dict[str, Any]) -> None:
    """Raise ReportedError where the object reports an error, in one of the shapes that servers use."""
    if (
        chunk.get("error")
        or chunk.get("object") == "error"
        or ("choices" not in chunk and ("detail" in chunk or "message" in chunk))
    ):
        raise ReportedError.of(chunk)


def _thought(delta: dict[str, Any], content: Any) -> str:
    """What the model thinks, wherever its server puts it: in a field of its own, or in parts of the content."""
    field = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(field, str):
        return field
    parts = content if isinstance(content, list) else []
    return "".join(text_of(part["thinking"]) for part in parts if isinstance(part, dict) and part.get("thinking"))
