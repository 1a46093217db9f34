"""Server-sent events: their names on a run's stream, and how one is written on the wire."""

import json
from dataclasses import dataclass
from typing import Any

THREAD_CREATED = "thread.created"
RUN_CREATED = "thread.run.created"
RUN_QUEUED = "thread.run.queued"
RUN_IN_PROGRESS = "thread.run.in_progress"
RUN_REQUIRES_ACTION = "thread.run.requires_action"
RUN_COMPLETED = "thread.run.completed"
RUN_INCOMPLETE = "thread.run.incomplete"
RUN_FAILED = "thread.run.failed"
RUN_CANCELLING = "thread.run.cancelling"
RUN_CANCELLED = "thread.run.cancelled"
RUN_EXPIRED = "thread.run.expired"
STEP_CREATED = "thread.run.step.created"
STEP_IN_PROGRESS = "thread.run.step.in_progress"
STEP_DELTA = "thread.run.step.delta"
STEP_COMPLETED = "thread.run.step.completed"
STEP_FAILED = "thread.run.step.failed"
STEP_CANCELLED = "thread.run.step.cancelled"
STEP_EXPIRED = "thread.run.step.expired"
MESSAGE_CREATED = "thread.message.created"
MESSAGE_IN_PROGRESS = "thread.message.in_progress"
MESSAGE_DELTA = "thread.message.delta"
MESSAGE_COMPLETED = "thread.message.completed"
MESSAGE_INCOMPLETE = "thread.message.incomplete"
REASONING_DELTA = "thread.run.reasoning.delta"
"""Ours, for clients that ask for it; SDKs tell the name of an event only if it begins with `thread.`."""
ERROR = "error"
DONE = "done"

COALESCE_HEADER = "X-Deskside-Coalesce-Ms"
"""A client that asks for it gets text deltas joined over this many milliseconds (our extension)."""
REASONING_HEADER = "X-Deskside-Reasoning"
"""A client that sends `1` is told what the model thinks, in events of `REASONING_DELTA` (our extension)."""
RUN_TIMEOUT_HEADER = "X-Deskside-Run-Timeout-S"
"""After how many seconds the run that a request creates expires, functions included (our extension)."""


@dataclass(frozen=True)
class Event:
    """One event of a stream; `data` is the bare object, as the protocol sends it."""

    name: str
    data: Any

    def encode(self) -> bytes:
        payload = self.data if isinstance(self.data, str) else json.dumps(self.data, ensure_ascii=False)
        return f"event: {self.name}\ndata: {payload}\n\n".encode()


STREAM_END = Event(DONE, "[DONE]")
