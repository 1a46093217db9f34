"""What a model has written in one turn, whichever wire it came over: whole characters, no more than may be."""

from collections.abc import Sequence
from typing import Any

from desktop_app.models.base import ModelPart, ModelRequest, ReasoningDelta, Usage
from desktop_app.models.remote.faults import TooLongAnswerError
from desktop_app.models.remote.thinking import ThinkSplitter
from desktop_app.models.remote.words import WordJoiner

MAX_ANSWER_CHARS = 1_000_000
"""A model that writes more in one turn will not stop by itself."""

MAX_CALLS = 128

_CHARS_PER_TOKEN = 4
"""For providers that tell no usage."""


class Written:
    """Text and thoughts become parts here. Raises TooLongAnswerError."""

    def __init__(self, request: ModelRequest) -> None:
        turns = sum(len(turn.text) + sum(len(call.arguments) for call in turn.calls) for turn in request.turns)
        self._prompt_chars = turns + sum(len(passage.text) for passage in request.passages or ())
        self._chars = 0
        self._text_words = WordJoiner()
        self._thought_words = WordJoiner()
        self._thinking = ThinkSplitter()

    def text(self, text: str) -> list[ModelPart]:
        self.count(text)
        text = self._text_words.join(text)
        return list(self._thinking.split(text)) if text else []

    def thought(self, text: str) -> Sequence[ModelPart]:
        self.count(text)
        text = self._thought_words.join(text)
        return [ReasoningDelta(text)] if text else []

    def count(self, *more: str) -> None:
        """What was written besides: names and arguments of calls."""
        self._chars += sum(len(each) for each in more)
        if self._chars > MAX_ANSWER_CHARS:
            raise TooLongAnswerError

    def rest(self) -> list[ModelPart]:
        """What was held back, once there is no more."""
        half = self._text_words.rest()
        return [*(self._thinking.split(half) if half else ()), *self._thinking.rest()]

    def estimated_usage(self) -> Usage:
        return Usage(self._prompt_chars // _CHARS_PER_TOKEN, -(-self._chars // _CHARS_PER_TOKEN))


def read_usage(usage: Any, prompt: str, completion: str) -> Usage | None:
    """The tokens of a `usage` object, whose names begin with these words; None where it tells none."""
    if not isinstance(usage, dict):
        return None
    asked, written = _count(usage, f"{prompt}_tokens"), _count(usage, f"{completion}_tokens", none=0)
    if asked is None or written is None:
        return None
    cached = _count(usage.get(f"{prompt}_tokens_details"), "cached_tokens")
    reasoned = _count(usage.get(f"{completion}_tokens_details"), "reasoning_tokens")
    return Usage(asked, written, cached or 0, reasoned or 0)


def _count(counts: Any, name: str, none: int | None = None) -> int | None:
    given = counts.get(name) if isinstance(counts, dict) else None
    if given is None:
        return none
    return given if isinstance(given, int) and given >= 0 else None
