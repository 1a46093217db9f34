"""How much of a thread a model is sent: what its run allows, and what the model can read."""

import sys
from collections.abc import Sequence
from typing import Any

from desktop_app.models.base import Passage, Turn

PROMPT_TOKENS = 100_000
"""How much is sent at first where the run names no limit; a model that can't read so much says so."""

_CHARS_PER_TOKEN = 4
"""A rough figure, good enough for keeping a prompt under a limit."""
_IMAGE_TOKENS = 800
_TURN_TOKENS = 4


class Fitting:
    """Chooses the turns of one run's requests. The newest user message and what the run did are always among them."""

    def __init__(self, run: dict[str, Any], history: Sequence[Turn]) -> None:
        self._history = history
        self._newest = max((at for at, turn in enumerate(history) if turn.role == "user"), default=0)
        self._allowed: int | None = run["max_prompt_tokens"]
        self._shortens = run["truncation_strategy"]["type"] == "auto"
        self._readable = PROMPT_TOKENS if self._shortens else sys.maxsize
        self._first = 0  # of the thread, in the last request
        self._sent = 0  # tokens in it

    def turns(
        self, system: Sequence[Turn], run: Sequence[Turn], passages: Sequence[Passage], used: int
    ) -> list[Turn] | None:
        """The turns of the next request, without the oldest of the thread as far as they are too much.

        `used` are the prompt tokens of the run so far; None when even the least would be over `max_prompt_tokens`.
        """
        allowed = sys.maxsize if self._allowed is None else self._allowed - used
        least = estimate([*system, *self._history[self._newest :], *run])
        least += sum(len(passage.text) for passage in passages) // _CHARS_PER_TOKEN
        if least > allowed:
            return None
        self._first, self._sent = self._newest, least
        while self._first > 0:
            more = self._sent + estimate([self._history[self._first - 1]])
            if more > min(allowed, self._readable):
                break
            self._first, self._sent = self._first - 1, more
        return [*system, *self._history[self._first :], *run]

    def can_shorten(self) -> bool:
        """Whether the next request will have fewer turns than the last one, which was more than the model reads."""
        self._readable = self._sent // 2
        return self._shortens and self._first < self._newest


def estimate(turns: Sequence[Turn]) -> int:
    """About how many tokens the turns cost."""
    chars = sum(len(turn.text) + sum(len(call.name) + len(call.arguments) for call in turn.calls) for turn in turns)
    images = sum(len(turn.images) for turn in turns)
    return chars // _CHARS_PER_TOKEN + images * _IMAGE_TOKENS + len(turns) * _TURN_TOKENS
