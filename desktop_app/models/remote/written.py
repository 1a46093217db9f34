"""What a model has written in one turn, whichever wire it came over: whole characters, no more than may be."""

from collections.abc import Sequence
from typing import Any

from desktop_app.models.base import ModelPart, ModelRequest, ReasoningDelta, Usage
from desktop_app.models.remote.faults import TooLongAnswerError
from desktop_app.models.remote.thinking import ThinkSplitter
from desktop_app.models.remote.words import WordJoiner

MAX_ANSWER_CHARS = 1_000_000
"""A model that writes more in one turn will not stop by itself."""

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


def token_count(given: object) -> int | None:
    """A number of tokens as a provider tells it; None for what is none."""
    return given if isinstance(given, int) and given >= 0 else None


def detail_count(usage: dict[str, Any], group: str, name: str) -> int:
    """A number among the details of a provider's usage; 0 where it tells none."""
    details = usage.get(group)
    return (token_count(details.get(name)) or 0) if isinstance(details, dict) else 0
