"""Writes each state of a run down, then tells it: no event goes out before what it says is in the database."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from desktop_app.models.base import Usage
from desktop_app.runs.answer import Answer
from desktop_app.runs.channel import Part, RunChannel, call_delta
from desktop_app.runs.ending import Ending, end_run
from desktop_app.runs.uninterrupted import uninterrupted
from desktop_app.store.answers import count_messages, insert_answer, update_answer, write_content
from desktop_app.store.database import Connection, Database
from desktop_app.store.messages import message_object
from desktop_app.store.run_steps import PassageText, insert_step, step_object, update_step
from desktop_app.store.runs import EXECUTED, run_object, run_row, run_status, update_run
from desktop_app.wire import events
from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change

_GOING_ON = ("queued", "in_progress")

StepCalls = Callable[[], list[dict[str, Any]]]
"""The calls of a tool_calls step at this moment."""


class RunOverError(Exception):
    """The run was cancelled, ended or deleted by someone else; there is nothing left to write but its end."""


class RunRecorder:
    """The only writer of a run while it is being executed."""

    def __init__(
        self,
        database: Database,
        channel: RunChannel,
        run: dict[str, Any],
        publish: Callable[[Change], None],
        passage_text: PassageText | None,
    ) -> None:
        self._database = database
        self._channel = channel
        self._run = run
        self._publish = publish
        self._passage_text = passage_text
        self._usage = Usage(**{field.name: run["usage"].get(field.name, 0) for field in fields(Usage)})
        self._in_steps = self._usage
        self._calls_step: str | None = None
        self._calls: StepCalls = list
        self._answer_step: str | None = None
        self._reasoning: list[str] = []  # that is in no step yet
        self._last_step: dict[str, Any] | None = None
        self._thoughts: Sequence[dict[str, Any]] = ()

    @property
    def usage(self) -> Usage:
        """All turns of this run so far, also those before it waited or the service was started again."""
        return self._usage

    def count(self, usage: Usage) -> None:
        """What the turn that just ended has used."""
        self._usage += usage

    def tell_reasoning(self, text: str) -> None:
        """The model goes on thinking; the next step keeps it."""
        self._reasoning.append(text)
        self._channel.send_reasoning(self._run["id"], text)

    def keep_thoughts(self, thoughts: Sequence[dict[str, Any]]) -> None:
        """What the provider wants to see again with the calls of the step that is open."""
        self._thoughts = thoughts

    async def begin(self, answered_by: str, answer_source: dict[str, str]) -> None:
        """queued -> in_progress; `answer_source` as `models.choice.Chosen.origin`."""

        def change(connection: Connection) -> list[Event]:
            run_id, now = self._run["id"], int(time.time())
            who: dict[str, Any] = {"answered_by": answered_by, "answer_source": answer_source}
            update_run(connection, run_id, status="in_progress", started_at=now, **who)
            return [Event(events.RUN_IN_PROGRESS, run_object(run_row(connection, run_id)))]

        await self._write(change)
        self._tell("run", self._run["id"])

    async def open_answer(self) -> tuple[str, int]:
        """A message_creation step with its empty message; answers the message's id and place in the thread, from 0."""
        opened: list[tuple[str, int]] = []

        def change(connection: Connection) -> list[Event]:
            position = count_messages(connection, self._run["thread_id"])
            message = insert_answer(connection, self._run, int(time.time()))
            opened.append((message["id"], position))
            details = {"type": "message_creation", "message_creation": {"message_id": message["id"]}}
            step = self._insert_step(connection, details)
            self._answer_step = step["id"]
            shown = message_object(message)
            return [
                Event(events.STEP_CREATED, step),
                Event(events.STEP_IN_PROGRESS, step),
                Event(events.MESSAGE_CREATED, shown),
                Event(events.MESSAGE_IN_PROGRESS, shown),
            ]

        await self._write(change)
        self._tell("message", opened[0][0], "created")
        return opened[0]

    async def close_answer(self, answer: Answer) -> None:
        """Complete a message while the run goes on; the last one is completed by `end`."""
        step_id, self._answer_step = self._answer_step, None

        def change(connection: Connection) -> list[Event]:
            now = int(time.time())
            write_content(connection, answer.message_id, answer.content)
            row = update_answer(connection, answer.message_id, status="completed", completed_at=now)
            told = [] if row is None else [Event(events.MESSAGE_COMPLETED, message_object(row))]
            return told if step_id is None else [*told, self._complete_step(connection, step_id, now)]

        await self._write(change)
        self._tell("message", answer.message_id)

    async def open_calls(self, calls: StepCalls) -> None:
        """A tool_calls step, empty as yet; `calls` is asked when the step is written next."""
        if self._calls_step is not None:
            return
        self._calls = calls

        def change(connection: Connection) -> list[Event]:
            step = self._insert_step(connection, {"type": "tool_calls", "tool_calls": []})
            self._calls_step = step["id"]
            return [Event(events.STEP_CREATED, step), Event(events.STEP_IN_PROGRESS, step)]

        await self._write(change)

    def tell_call(self, call: dict[str, Any]) -> None:
        """A call begins in the open tool_calls step; `call` carries its `index` in it."""
        assert self._calls_step is not None
        self._channel.send(call_delta(self._calls_step, call))

    def tell_part(self, at: int, part: Part, text: str) -> None:
        """A part of the call at this index goes on."""
        assert self._calls_step is not None
        if text:
            self._channel.send_part(self._calls_step, at, part, text)

    async def keep_calls(self, write: Callable[[Callable[[Connection], None]], None] | None = None) -> None:
        """Write what has come of the calls so far into their step, which stays open.

        `write` brings the transaction, in which it may write more. Raises RunOverError.
        """
        step_id = self._calls_step
        assert step_id is not None

        def change(connection: Connection) -> None:
            if run_status(connection, self._run["id"]) not in _GOING_ON:
                raise RunOverError
            details = {"type": "tool_calls", "tool_calls": self._calls()}
            update_step(connection, step_id, step_details=details)

        def write_alone(change: Callable[[Connection], None]) -> None:
            with self._database.write(durable=False) as connection:
                change(connection)

        await uninterrupted(asyncio.to_thread(write or write_alone, change))

    async def close_calls(self) -> None:
        """The calls have their results; the step, if there is one, is complete."""
        step_id = self._calls_step
        if step_id is None:
            return

        def change(connection: Connection) -> list[Event]:
            self._write_calls(connection)
            return [self._complete_step(connection, step_id, int(time.time()))]

        await self._write(change)

    async def require_action(self) -> None:
        """The step stays open with its calls, and the run waits for the outputs of those that are functions."""
        asked = [
            {
                "id": call["id"],
                "type": "function",
                "function": {name: call["function"][name] for name in ("name", "arguments")},
            }
            for call in self._calls()
            if call["type"] == "function" and call["function"]["output"] is None
        ]
        action: dict[str, Any] = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": asked}}

        def change(connection: Connection) -> list[Event]:
            self._write_calls(connection, usage=self._step_usage())
            usage = usage_object(self._usage)
            update_run(connection, self._run["id"], status="requires_action", required_action=action, usage=usage)
            return [Event(events.RUN_REQUIRES_ACTION, run_object(run_row(connection, self._run["id"])))]

        await self._write(change, last=True)
        self._tell("run", self._run["id"])

    async def end(self, ending: Ending, answer: Answer | None) -> None:
        """The run is over, unless it waits for its client; `answer` is the message it had not closed yet."""

        def change(connection: Connection) -> list[Event]:
            if answer is not None:
                write_content(connection, answer.message_id, answer.content)
            self._write_calls(connection)
            self._keep_last_reasoning(connection)
            return end_run(
                connection,
                self._run["id"],
                ending,
                only_from=EXECUTED,
                usage=usage_object(self._usage),
                step_usage=self._step_usage(),
            )

        await uninterrupted(self._write_and_tell(change, last=True))
        self._tell("run", self._run["id"])
        if answer is not None:
            self._tell("message", answer.message_id)

    def _insert_step(self, connection: Connection, details: dict[str, Any]) -> dict[str, Any]:
        values = {
            "created_at": int(time.time()),
            "run_id": self._run["id"],
            "thread_id": self._run["thread_id"],
            "assistant_id": self._run["assistant_id"],
            "type": details["type"],
            "status": "in_progress",
            "step_details": details,
            "reasoning": self._take_reasoning(),
            "metadata": {},
        }
        self._last_step = insert_step(connection, values)
        return step_object(self._last_step)

    def _take_reasoning(self) -> str:
        reasoning, self._reasoning = "".join(self._reasoning), []
        return reasoning

    def _keep_last_reasoning(self, connection: Connection) -> None:
        """No step comes after this: what was thought since the last one joins it."""
        if self._reasoning and self._last_step is not None:
            reasoning = self._last_step["reasoning"] + self._take_reasoning()
            update_step(connection, self._last_step["id"], reasoning=reasoning)

    def _complete_step(self, connection: Connection, step_id: str, now: int) -> Event:
        row = update_step(connection, step_id, status="completed", completed_at=now, usage=self._step_usage())
        update_run(connection, self._run["id"], usage=usage_object(self._usage))
        return Event(events.STEP_COMPLETED, step_object(row, self._passage_text))

    def _write_calls(self, connection: Connection, **values: Any) -> None:
        """Write what the open tool_calls step holds, if there is one; it is left to whoever goes on with it."""
        step_id, self._calls_step = self._calls_step, None
        if step_id is not None:
            details = {"type": "tool_calls", "tool_calls": self._calls()}
            thoughts, self._thoughts = list(self._thoughts), ()
            update_step(connection, step_id, step_details=details, thoughts=thoughts or None, **values)

    def _step_usage(self) -> dict[str, int]:
        """For the step that is closed now: what was used and is in no step yet, so that steps add up to their run.

        A step that is closed before its turn is over, or asked no model, has used nothing.
        """
        used, told = self._usage, self._in_steps
        self._in_steps = used
        return usage_object(used - told)

    def _tell(self, kind: Any, object_id: str, action: Any = "changed") -> None:
        self._publish(Change(kind=kind, id=object_id, parent_id=self._run["thread_id"], action=action))

    async def _write(self, change: Callable[[Connection], list[Event]], *, last: bool = False) -> None:
        """Run one transaction to its end and send its events, even when the run is being cancelled meanwhile; after
        the `last` ones the channel is closed.

        Raises RunOverError, with nothing written, when the run does not go on.
        """

        def checked(connection: Connection) -> list[Event]:
            if run_status(connection, self._run["id"]) not in _GOING_ON:
                raise RunOverError
            return change(connection)

        await uninterrupted(self._write_and_tell(checked, last=last))

    async def _write_and_tell(self, change: Callable[[Connection], list[Event]], *, last: bool) -> None:
        self._channel.send(*await asyncio.to_thread(self._transact, change, last))
        if last:
            self._channel.close()

    def _transact(self, change: Callable[[Connection], list[Event]], last: bool) -> list[Event]:
        with self._database.write(durable=last) as connection:  # after a power cut it goes on from an earlier state
            return change(connection)


def usage_object(usage: Usage) -> dict[str, int]:
    """As it is kept: with its details, where there are any."""
    details = {"cached_tokens": usage.cached_tokens, "reasoning_tokens": usage.reasoning_tokens}
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        **{name: count for name, count in details.items() if count},
    }
