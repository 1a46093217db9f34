"""Function calls by models that know none: asked for in words and, where the server can, by a schema.

The model writes `{"tool": NAME, "arguments": {...}}` or `{"answer": TEXT}`. Small models also write plain text, put
the object into a code fence or behind a sentence, or name its members otherwise: they are met half way.
"""

import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pydantic_core

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    ModelPart,
    ModelRequest,
    TextDelta,
    ToolCall,
    Turn,
)
from desktop_app.models.prompting import spoken_turns
from desktop_app.wire.ids import CALL, new_id

_FORM = (
    'To call one, write nothing but {"tool": "its name", "arguments": {...}}; you are then told its result. '
    'To answer, write nothing but {"answer": "your words"}.'
)
_BEGINS = re.compile(r"\{|```|\[\s*\{")
_FENCE = re.compile(r"```\w*")
_NAME = re.compile(r'"(?:tool|name|function)"\s*:\s*"([^"\\]{1,64})"')


async def prompted_stream(
    ask: Callable[[ModelRequest], AsyncGenerator[ModelPart]], request: ModelRequest
) -> AsyncGenerator[ModelPart]:
    """The parts of a turn with tools, asked of a model that knows none; `ask` streams one without tools."""
    if request.tool_choice == "none":
        request = replace(request, tools=())
    reader = _Reader() if request.tools else None
    async with aclosing(ask(_in_words(request))) as parts:
        async for part in parts:
            if reader is None or not isinstance(part, TextDelta | Finished):
                yield part
            elif isinstance(part, TextDelta):
                for read in reader.read(part.text):
                    yield read
            else:
                for read in reader.finish():
                    yield read
                yield part


def _in_words(request: ModelRequest) -> ModelRequest:
    turns = [_plain(turn, request) for turn in spoken_turns(request)]
    if request.tools:
        turns = [Turn("system", _offer(request)), *turns]
    joined: list[Turn] = []
    for turn in turns:  # templates of small models want the roles in turn
        if joined and joined[-1].role == turn.role and not (joined[-1].images or turn.images):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n\n{turn.text}")
        else:
            joined.append(turn)
    return replace(
        request,
        turns=joined,
        passages=None,
        tools=(),
        tool_choice="auto",
        response_format=_format(request) if request.tools else request.response_format,
        format_is_wish=bool(request.tools) or request.format_is_wish,
    )


def _plain(turn: Turn, request: ModelRequest) -> Turn:
    """Calls and their results as text."""
    if turn.role == "tool":
        calls = [call for each in request.turns for call in each.calls if call.id == turn.call_id]
        name = calls[-1].name if calls else "the call"
        return Turn("user", f"Result of {name}:\n{turn.text}")
    return replace(turn, text="\n".join(filter(None, [turn.text, *map(_written, turn.calls)])), calls=())


def _written(call: ToolCall) -> str:
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = call.arguments
    return json.dumps({"tool": call.name, "arguments": arguments}, ensure_ascii=False)


def _offered(request: ModelRequest) -> tuple[list[FunctionTool], bool]:
    """The tools that may be called now, and whether one must be."""
    choice = request.tool_choice
    if isinstance(choice, dict):
        return [tool for tool in request.tools if tool.name == choice["function"]["name"]], True
    return list(request.tools), choice == "required"


def _offer(request: ModelRequest) -> str:
    tools, must = _offered(request)
    lines = [
        f"- {tool.name}: {tool.description}\n  arguments, as JSON schema: {json.dumps(tool.parameters)}"
        for tool in tools
    ]
    now = "\nCall one of them now." if must else ""
    return "You can call these functions:\n" + "\n".join(lines) + f"\n{_FORM}{now}"


def _format(request: ModelRequest) -> dict[str, Any]:
    """A `response_format` that allows a call or, unless a call is demanded, an answer as the client wants it."""
    tools, must = _offered(request)
    allowed = [_exactly(tool={"const": tool.name}, arguments=tool.parameters) for tool in tools]
    if not must:
        wanted = request.response_format or {}
        kind = {"type": "object"} if wanted.get("type") == "json_object" else {"type": "string"}
        allowed.append(_exactly(answer=wanted.get("json_schema", {}).get("schema", kind)))
    return {"type": "json_schema", "json_schema": {"name": "turn", "schema": {"anyOf": allowed}, "strict": True}}


def _exactly(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


class _Reader:
    """Plain text is let through; from the first brace or fence on it waits, and an answer's words are let out."""

    def __init__(self) -> None:
        self._waiting = ""
        self._begun = False  # what waits may be an object
        self._told = ""  # of the answer in it
        self._calls = 0

    def read(self, text: str) -> Iterator[ModelPart]:
        self._waiting += text
        if not self._begun:
            begins = _BEGINS.search(self._waiting)
            at = begins.start() if begins else len(self._waiting.rstrip("`[ \n"))
            plain, self._waiting, self._begun = self._waiting[:at], self._waiting[at:], begins is not None
            if plain:
                yield TextDelta(plain)
        if self._begun:
            yield from self._tell(_partial_answer(self._waiting))

    def finish(self) -> Iterator[ModelPart]:
        given = _object(self._waiting)
        calls = [call for each in (given if isinstance(given, list) else [given]) if (call := _call_of(each))]
        answer = given.get("answer") if isinstance(given, dict) else None
        if calls:
            for name, arguments in calls:
                yield from self._call(name, arguments)
        elif answer is not None:
            yield from self._tell(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))
        elif given is None and (found := _NAME.search(self._waiting)) and not self._told:
            yield from self._call(found[1], self._waiting)  # cut off, or no JSON: the model is told so
        elif self._waiting and not self._told:
            yield TextDelta(self._waiting)

    def _tell(self, answer: str) -> Iterator[ModelPart]:
        if answer.startswith(self._told) and answer != self._told:
            more, self._told = answer[len(self._told) :], answer
            yield TextDelta(more)

    def _call(self, name: str, arguments: Any) -> Iterator[ModelPart]:
        written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        yield CallStarted(self._calls, new_id(CALL), name)
        yield CallArguments(self._calls, written)
        self._calls += 1


def _call_of(given: Any) -> tuple[str, Any] | None:
    """Name and arguments of a call; None for what is none."""
    if not isinstance(given, dict):
        return None
    name = next((given[key] for key in ("tool", "name", "function") if isinstance(given.get(key), str)), None)
    arguments: Any = next((given[key] for key in ("arguments", "parameters", "args") if key in given), {})
    return (name, arguments) if name else None


def _partial_answer(text: str) -> str:
    """The words of an answer that is being written; "" for what is none, or not yet."""
    try:
        given = pydantic_core.from_json(_FENCE.sub("", text, count=1), allow_partial="trailing-strings")
    except ValueError:
        return ""
    answer = given.get("answer") if isinstance(given, dict) else None
    return answer if isinstance(answer, str) else ""


def _object(text: str) -> Any:
    """The first JSON value in the text; None where there is none."""
    text = _FENCE.sub("", text).lstrip()
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None
