"""The events of one run, for any number of subscribers: late ones, slow ones, and ones that leave.

The channel keeps one log of what happened. What grows, the text of messages and the parts of calls, is kept as its
pieces, and a subscriber is a place in the log: it takes everything between its place and the end, pieces joined into
one delta. So a slow subscriber costs nothing, and one that joins late sees the same stream in fewer deltas.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from desktop_app.wire.events import MESSAGE_DELTA, REASONING_DELTA, STEP_DELTA, STREAM_END, Event
from desktop_app.wire.extensions import ReasoningDelta

Part = Literal["arguments", "input", "logs"]
"""What grows of a call in a step: a function's arguments, the code of the interpreter, and what that prints."""


@dataclass
class _Growing:
    """Consecutive pieces of one text: of a message, of a part of the call at this index of a step, or of thoughts."""

    id: str
    call: tuple[int, Part] | None = None
    index: int = 0
    """The text's place in the content of the message."""
    first: bool = False
    is_reasoning: bool = False
    """`id` is then the run's."""
    pieces: list[str] = field(default_factory=list)

    def delta(self, since: int) -> Event:
        """What came after the first `since` pieces."""
        text = "".join(self.pieces[since:])
        if self.is_reasoning:
            return Event(REASONING_DELTA, ReasoningDelta(run_id=self.id, text=text).model_dump())
        if self.call is None:
            return _text_delta(self.id, self.index, text, [] if self.first and since == 0 else None)
        index, part = self.call
        return call_delta(self.id, {"index": index, **_part(part, text)})


class RunChannel:
    """Written by the run on the event loop, until `close()` ends every subscription with `done`."""

    def __init__(self) -> None:
        self._log: list[Event | _Growing] = []
        self._closed = False
        self._news: set[asyncio.Event] = set()
        self._begun: set[str] = set()
        self._text_at: dict[str, int] = {}

    def send(self, *events: Event) -> None:
        if not self._closed:
            self._log.extend(events)
            self._wake()

    def send_images(self, message_id: str, parts: Sequence[dict[str, Any]]) -> None:
        """The images in front of the message's text, as parts of its content."""
        self._text_at[message_id] = len(parts)
        self.send(*(_message_delta(message_id, {"index": index, **part}) for index, part in enumerate(parts)))

    def send_text(self, message_id: str, text: str, annotation: dict[str, Any] | None = None) -> None:
        """A piece of the message's text; an annotation travels with the text that holds its marker, or after it."""
        first = message_id not in self._begun
        self._begun.add(message_id)
        if annotation is not None:
            self.send(_text_delta(message_id, self._text_at.get(message_id, 0), text, [annotation]))
        else:
            self._grow(text, message_id, first=first)

    def send_part(self, step_id: str, index: int, part: Part, text: str) -> None:
        """A piece of what grows of the call at this index of the step."""
        self._grow(text, step_id, (index, part))

    def send_reasoning(self, run_id: str, text: str) -> None:
        """A piece of what the model thinks, for subscribers that want it."""
        self._grow(text, run_id, is_reasoning=True)

    def close(self) -> None:
        self._closed = True
        self._wake()

    async def subscribe(self, coalesce_ms: int = 0, *, reasoning: bool = False) -> AsyncGenerator[Event, None]:
        """All events from the first on, then `done`; those of our extension only with `reasoning`.

        With `coalesce_ms`, at least that much time lies between two deltas of growing text.
        """
        news = asyncio.Event()
        self._news.add(news)
        at, piece = 0, 0
        try:
            while True:
                entry = self._log[at] if at < len(self._log) else None
                if isinstance(entry, Event):
                    at += 1
                    yield entry
                elif entry is not None and piece < len(entry.pieces) and (reasoning or not entry.is_reasoning):
                    delta, piece = entry.delta(piece), len(entry.pieces)
                    yield delta
                    if coalesce_ms and entry is self._log[-1]:
                        await asyncio.sleep(coalesce_ms / 1000)
                elif entry is not None and at + 1 < len(self._log):
                    at, piece = at + 1, 0
                elif self._closed:
                    break
                else:
                    news.clear()
                    await news.wait()
            yield STREAM_END
        finally:
            self._news.discard(news)

    def _grow(
        self,
        text: str,
        id: str,
        call: tuple[int, Part] | None = None,
        *,
        first: bool = False,
        is_reasoning: bool = False,
    ) -> None:
        last = self._log[-1] if self._log else None
        if not isinstance(last, _Growing) or (last.id, last.call) != (id, call):
            last = _Growing(id, call, self._text_at.get(id, 0), first, is_reasoning)
            self._log.append(last)
        last.pieces.append(text)
        self._wake()

    def _wake(self) -> None:
        for news in self._news:
            news.set()


def call_delta(step_id: str, call: dict[str, Any]) -> Event:
    """A delta of a tool_calls step; `call` carries its `index` in the step."""
    delta = {"step_details": {"type": "tool_calls", "tool_calls": [call]}}
    return Event(STEP_DELTA, {"id": step_id, "object": "thread.run.step.delta", "delta": delta})


def _part(part: Part, text: str) -> dict[str, Any]:
    match part:
        case "arguments":
            return {"type": "function", "function": {"arguments": text}}
        case "input":
            return {"type": "code_interpreter", "code_interpreter": {"input": text}}
        case "logs":
            logs = {"index": 0, "type": "logs", "logs": text}
            return {"type": "code_interpreter", "code_interpreter": {"outputs": [logs]}}


def _text_delta(message_id: str, index: int, text: str, annotations: list[dict[str, Any]] | None) -> Event:
    value: dict[str, Any] = {"value": text} if text else {}
    if annotations is not None:
        value["annotations"] = annotations
    return _message_delta(message_id, {"index": index, "type": "text", "text": value})


def _message_delta(message_id: str, part: dict[str, Any]) -> Event:
    return Event(MESSAGE_DELTA, {"id": message_id, "object": "thread.message.delta", "delta": {"content": [part]}})
