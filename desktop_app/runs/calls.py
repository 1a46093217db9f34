"""The tool calls of one turn of the model: told as they come, kept in one step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from desktop_app.models.base import FunctionTool
from desktop_app.runs.channel import Part
from desktop_app.runs.recorder import RunRecorder


@dataclass
class Call:
    """One call as far as the model has written it; as it is, of a tool that isn't one."""

    id: str
    name: str
    at: int = -1
    """Its place in the step; -1: it stands in none."""
    fragments: list[str] = field(default_factory=list)

    type: ClassVar[str | None] = None
    """That of its entry in the step."""
    part: ClassVar[Part | None] = None
    """What of the entry grows while the model writes the arguments."""

    @property
    def arguments(self) -> str:
        return "".join(self.fragments)

    def begun(self) -> dict[str, Any]:
        """The call as its first delta tells it: empty, because SDK handlers print only later ones."""
        raise NotImplementedError

    def read(self, fragment: str) -> str:
        """What a piece of the arguments adds to `part`."""
        return fragment

    def kept(self) -> dict[str, Any]:
        """The call as its step keeps it."""
        raise NotImplementedError


@dataclass
class FunctionCall(Call):
    """A call of a function, which is the client's to do."""

    output: str | None = None
    """What the model is told at once, when the call can't be passed on."""

    type = "function"
    part = "arguments"

    def begun(self) -> dict[str, Any]:
        return {"function": {"name": self.name, "arguments": "", "output": None}}

    def kept(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments, "output": self.output}
        return {"id": self.id, "type": "function", "function": function}


class EngineTool(Protocol):
    """A tool that is done here, between two turns of the model, which knows it as a function like any other."""

    @property
    def offered(self) -> FunctionTool: ...

    @property
    def guidance(self) -> str:
        """What the model is told besides."""

    @property
    def status_text(self) -> str:
        """What the run says while it is done."""

    async def do(self, call: Any) -> str:
        """Do what `call`, of the tool's own kind, asks for; answers its output as the model reads it."""
        ...


class Calls:
    """In the order in which the model made them; empty when it made none.

    `kinds` are those of the tools, by name. Unless `parallel`, one call is taken from a turn, whatever the provider
    sends.
    """

    def __init__(self, recorder: RunRecorder, kinds: Mapping[str, type[Call]], *, parallel: bool = True) -> None:
        self._recorder = recorder
        self._kinds = kinds
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
        """A new call."""
        if self._calls and not self._parallel:
            return
        call = self._kinds.get(name, Call)(call_id, name)
        if call.type is not None:
            call.at = len(self.in_step)
        self._calls[index] = call
        if call.type is None:
            return
        await self._recorder.open_calls(lambda: [each.kept() for each in self.in_step])
        self._recorder.tell_call({"index": call.at, "id": call_id, "type": call.type, **call.begun()})

    def add_arguments(self, index: int, fragment: str) -> None:
        call = self._calls.get(index)
        if call is None:
            return
        call.fragments.append(fragment)
        text = call.read(fragment)
        if call.part is not None:
            self._recorder.tell_part(call.at, call.part, text)
