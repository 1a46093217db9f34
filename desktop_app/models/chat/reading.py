"""A provider's objects turned into the parts of an answer.

Lenient where the meaning is clear: servers leave out ids, indexes, usage or the finish reason, send a call in one
piece or its name in several, or answer without streaming.
"""

from typing import Any

from desktop_app.models.base import Finished, ModelPart, ModelRequest, TextDelta, Usage
from desktop_app.models.chat.calls import CallReader
from desktop_app.models.remote.faults import CutOffError, NoAnswerError, ReportedError, TooLongAnswerError
from desktop_app.models.remote.words import WordJoiner, text_of

MAX_ANSWER_CHARS = 1_000_000
"""A model that writes more in one turn will not stop by itself."""

_CHARS_PER_TOKEN = 4
"""For providers that tell no usage."""
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
        turns = sum(len(turn.text) + sum(len(call.arguments) for call in turn.calls) for turn in request.turns)
        self._prompt_chars = turns + sum(len(passage.text) for passage in request.passages or ())
        self._chars = 0
        self._words = WordJoiner()
        self._calls = CallReader()
        self._usage: Usage | None = None
        self._reason: str | None = None
        self.begun = False
        """Whether anything came that belongs to an answer."""
        self._done = False

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
        self._usage = _usage(chunk) or self._usage
        choices = chunk.get("choices")
        if choices is None:
            return []
        choice = _as(dict, _as(list, choices)[0]) if choices else {}
        self.begun = True
        delta = _as(dict, choice.get("delta") or choice.get("message") or {})
        parts = self._text(text_of(delta.get("content")) + text_of(delta.get("refusal")))
        calls = _as(list, delta.get("tool_calls") or [])
        if old := delta.get("function_call"):
            calls = [{"function": old}]
        for call in calls:
            parts.extend(self._calls.read(_as(dict, call)))
        reason = text_of(choice.get("finish_reason")).lower()
        if reason in _BROKEN_OFF:
            raise ReportedError(f"It stopped with the reason '{reason}'.")
        self._reason = reason or self._reason
        if self._chars + self._calls.chars > MAX_ANSWER_CHARS:
            raise TooLongAnswerError
        return parts

    def finish(self) -> list[ModelPart]:
        """What was held back, and `Finished`; raises CutOffError or NoAnswerError when that was not all."""
        if not self.complete:
            raise CutOffError if self.begun else NoAnswerError
        held = [*self._text(self._words.rest()), *self._calls.finish()]
        prompt = self._prompt_chars // _CHARS_PER_TOKEN
        completion = -(-(self._chars + self._calls.chars) // _CHARS_PER_TOKEN)
        reason: Any = _FINISH.get(self._reason or "", "tool_calls" if self._calls.count else "stop")
        return [*held, Finished(reason, self._usage or Usage(prompt, completion))]

    def _text(self, text: str) -> list[ModelPart]:
        text = self._words.join(text)
        self._chars += len(text)
        return [TextDelta(text)] if text else []


def _refuse_report(chunk: dict[str, Any]) -> None:
    """Raise ReportedError where the object reports an error, in one of the shapes that servers use."""
    if (
        chunk.get("error")
        or chunk.get("object") == "error"
        or ("choices" not in chunk and ("detail" in chunk or "message" in chunk))
    ):
        raise ReportedError.of(chunk)


def _usage(chunk: dict[str, Any]) -> Usage | None:
    usage = chunk.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens") or 0
    if not isinstance(prompt, int) or not isinstance(completion, int) or min(prompt, completion) < 0:
        return None
    return Usage(prompt, completion)


def _as(kind: type[Any], given: Any) -> Any:
    if not isinstance(given, kind):
        raise NoAnswerError
    return given
