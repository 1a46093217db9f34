"""The tool calls of one turn of the model: told as they come, kept in one step."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop_app.runs.recorder import RunRecorder
from desktop_app.runs.searching import TOOL, empty_call


@dataclass
class Call:
    """One call as far as the model has written it; `type` is that of its step, None for a tool that isn't one."""

    id: str
    name: str
    type: str | None
    at: int
    """Its place in the step."""
    fragments: list[str] = field(default_factory=list)
    searched: dict[str, Any] | None = None
    """A search with its results, as the step keeps it."""

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

    def kept(self) -> dict[str, Any]:
        """The call as its step keeps it."""
        if self.type == TOOL:
            return self.searched or empty_call(self.id, self.arguments)
        function = {"name": self.name, "arguments": self.arguments, "output": None}
        return {"id": self.id, "type": "function", "function": function}


class Calls:
    """In the order in which the model made them; empty when it made none.

    `functions` are the client's. Unless `parallel`, one call is taken from a turn, whatever the provider sends.
    """

    def __init__(self, recorder: RunRecorder, functions: set[str], *, parallel: bool = True) -> None:
        self._recorder = recorder
        self._functions = functions
        self._parallel = parallel
        self._calls: dict[int, Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    @property
    def in_step(self) -> list[Call]:
        return [call for call in self if call.type is not None]

    async def start(self, index: int, call_id: str, name: str) -> None:
        """A new call. The first delta of each is empty, because SDK handlers print only later ones."""
        if self._calls and not self._parallel:
            return
        if name in self._functions:
            kind, begun = "function", {"function": {"name": name, "arguments": "", "output": None}}
        elif name == TOOL:
            kind, begun = TOOL, {TOOL: {}}
        else:
            self._calls[index] = Call(call_id, name, None, -1)
            return
        call = Call(call_id, name, kind, at=len(self.in_step))
        self._calls[index] = call
        await self._recorder.open_calls(lambda: [each.kept() for each in self.in_step])
        self._recorder.tell_call({"index": call.at, "id": call_id, "type": kind, **begun})

    def add_arguments(self, index: int, fragment: str) -> None:
        call = self._calls.get(index)
        if call is None:
            return
        call.fragments.append(fragment)
        if call.type == "function":
            self._recorder.tell_arguments(call.at, fragment)
