"""The tool calls of one turn of the model: told as they come, kept in one step."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop_app.runs.recorder import RunRecorder
from desktop_app.runs.searching import TOOL


@dataclass
class Call:
    """One call as far as the model has written it; `at` is its place in the step, None for a tool that isn't one."""

    id: str
    name: str
    at: int | None
    fragments: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return "".join(self.fragments)

    def query(self) -> str:
        """The `query` argument of a search; models that don't keep to the schema are met half way."""
        try:
            arguments = json.loads(self.arguments)
        except ValueError:
            return self.arguments.strip()
        if isinstance(arguments, dict):
            arguments = arguments.get("query") or arguments.get("queries") or ""
        if isinstance(arguments, list):
            arguments = " ".join(str(query) for query in arguments)
        return str(arguments)


class Calls:
    """In the order in which the model made them; empty when it made none. `functions` are the client's."""

    def __init__(self, recorder: RunRecorder, functions: set[str]) -> None:
        self._recorder = recorder
        self._functions = functions
        self._calls: dict[int, Call] = {}
        self._step_calls: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    def is_function(self, call: Call) -> bool:
        return call.name in self._functions

    async def start(self, index: int, call_id: str, name: str) -> Call:
        """A new call. The first delta of each is empty, because SDK handlers print only later ones."""
        call = self._calls[index] = Call(call_id, name, at=None)
        if name == TOOL:
            shape: dict[str, Any] = {"type": TOOL, TOOL: {}}
        elif name in self._functions:
            shape = {"type": "function", "function": {"name": name, "arguments": "", "output": None}}
        else:
            return call
        call.at = len(self._step_calls)
        self._step_calls.append({"id": call_id, **shape})
        await self._recorder.open_calls()
        self._recorder.tell_call({"index": call.at, "id": call_id, **shape})
        return call

    def add_arguments(self, index: int, fragment: str) -> None:
        call = self._calls[index]
        call.fragments.append(fragment)
        if call.at is not None and call.name in self._functions:
            self._recorder.tell_call({"index": call.at, "type": "function", "function": {"arguments": fragment}})

    def answer(self, call: Call, step_call: dict[str, Any]) -> None:
        """The finished call, as its step keeps it."""
        assert call.at is not None
        self._step_calls[call.at] = step_call

    async def close(self) -> None:
        """All calls are answered: the step is complete."""
        if self._step_calls:
            await self._recorder.close_calls(self._step_calls)

    async def wait_for_client(self) -> None:
        """The step stays open, and the run waits in requires_action for the outputs of functions."""
        for call in self:
            if self.is_function(call):
                function = {"name": call.name, "arguments": call.arguments, "output": None}
                self.answer(call, {"id": call.id, "type": "function", "function": function})
        await self._recorder.require_action(self._step_calls)
