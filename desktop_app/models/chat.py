"""The Chat Completions wire: any OpenAI-compatible provider as a source of answers."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

import openai

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    ModelError,
    ModelPart,
    ModelRequest,
    TextDelta,
    Turn,
    Usage,
)
from desktop_app.models.chat_errors import explain
from desktop_app.models.prompting import with_passages
from desktop_app.wire.ids import CALL, new_id

CONNECT_TIMEOUT_S = 10.0
RETRIES = 1
_CHARS_PER_TOKEN = 4
"""For providers that tell no usage."""

_FINISH = {"length": "length", "content_filter": "content_filter"}


class ChatProvider:
    """One provider: its connection pool, and what it was found not to understand."""

    def __init__(self, base_url: str, key: str, timeout_s: float) -> None:
        self.base_url = base_url
        self._key = key
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or "none",
            organization="",
            project="",
            max_retries=RETRIES,
            timeout=openai.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        )
        self._refused: defaultdict[str, set[str]] = defaultdict(set)  # parameters, by model
        self.without_tools: set[str] = set()
        """Models that refused tools; for these the engine searches first."""

    async def list_models(self) -> list[dict[str, Any]]:
        """The provider's model objects; raises ModelError."""
        try:
            page = await self._client.models.list()
            return [
                {
                    "id": str(model.id),
                    "object": "model",
                    "created": getattr(model, "created", None) or 0,
                    "owned_by": getattr(model, "owned_by", None) or "",
                }
                for model in page.data or ()
            ]
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            raise self.explain(error, "") from error

    async def open(self, body: dict[str, Any]) -> openai.AsyncStream[Any]:
        """Begin a stream, without the parameters that the model does not know."""
        refused = self._refused[body["model"]]
        while True:
            try:
                stream: openai.AsyncStream[Any] = await self._client.chat.completions.create(**_without(body, refused))
                return stream
            except openai.BadRequestError as error:
                parameter = _refused_parameter(body, str(error.message), refused)
                if parameter is None:
                    raise
                refused.add(parameter)

    def explain(self, error: Exception, model: str) -> ModelError:
        return explain(error, self.base_url, model, self._key)

    async def close(self) -> None:
        await self._client.close()


class ChatModel:
    """A model of a provider, by its name there."""

    def __init__(self, provider: ChatProvider, name: str) -> None:
        self._provider = provider
        self.name = name

    @property
    def calls_tools(self) -> bool:
        return self.name not in self._provider.without_tools

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The parts of one turn, as `Model.stream` promises."""
        body = _body(request)
        try:
            chunks = await self._provider.open(body)
            async with chunks:
                reading = _Reading(body)
                async for chunk in chunks:
                    for part in reading.read(chunk):
                        yield part
                yield reading.finished()
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            if "tools" in body and _says_no_tools(error):
                self._provider.without_tools.add(self.name)
            raise self._provider.explain(error, self.name) from error


class _Reading:
    """Turns a provider's chunks into parts.

    Lenient on purpose: servers leave out ids, indexes or usage, or send a tool call in one piece.
    """

    def __init__(self, body: dict[str, Any]) -> None:
        self._prompt_chars = len(json.dumps(body["messages"], ensure_ascii=False))
        self._chars = 0
        self._reason: str | None = None
        self._usage: Usage | None = None
        self._call_ids: list[str | None] = []
        self._places: dict[int, int] = {}  # of a call by the server's index, which may begin anywhere or repeat

    def read(self, chunk: Any) -> list[ModelPart]:
        usage = getattr(chunk, "usage", None)
        if usage is not None and usage.prompt_tokens is not None:
            self._usage = Usage(usage.prompt_tokens, usage.completion_tokens or 0)
        parts: list[ModelPart] = []
        for choice in (getattr(chunk, "choices", None) or ())[:1]:
            delta = choice.delta
            if delta is not None and delta.content:
                self._chars += len(delta.content)
                parts.append(TextDelta(delta.content))
            for call in (getattr(delta, "tool_calls", None) or ()) if delta is not None else ():
                parts.extend(self._call(call))
            self._reason = choice.finish_reason or self._reason
        return parts

    def finished(self) -> Finished:
        if self._reason is None:
            raise openai.OpenAIError("cut off") if self._chars else ValueError("no chunks")
        prompt, completion = self._prompt_chars // _CHARS_PER_TOKEN, -(-self._chars // _CHARS_PER_TOKEN)
        reason: Any = _FINISH.get(self._reason, "tool_calls" if self._call_ids else "stop")
        return Finished(reason, self._usage or Usage(prompt, completion))

    def _call(self, call: Any) -> list[ModelPart]:
        call_id, index = getattr(call, "id", None), getattr(call, "index", None)
        name = (call.function.name or "") if call.function else ""
        fragment = (call.function.arguments or "") if call.function else ""
        parts: list[ModelPart] = []
        if index is not None:
            at = self._places.get(index)
        else:  # without an index a name begins a call, and all else belongs to the last one
            at = len(self._call_ids) - 1 if self._call_ids and not name else None
        if at is None or (name and call_id and self._call_ids[at] != call_id):
            at = len(self._call_ids)
            self._call_ids.append(call_id)
            parts.append(CallStarted(at, call_id or new_id(CALL), name))
            if index is not None:
                self._places[index] = at
        if fragment:
            self._chars += len(fragment)
            parts.append(CallArguments(at, fragment))
        return parts


def _body(request: ModelRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                    **({} if tool.strict is None else {"strict": tool.strict}),
                },
            }
            for tool in request.tools
        ]
        body["tool_choice"] = request.tool_choice
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
    optional = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_completion_tokens": request.max_completion_tokens,
        "response_format": request.response_format,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _messages(request: ModelRequest) -> list[dict[str, Any]]:
    turns = list(request.turns)
    if request.passages is not None:
        last = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=None)
        if last is None:
            turns.append(Turn("user", with_passages("", request.passages)))
        else:
            turns[last] = Turn("user", with_passages(turns[last].text, request.passages))
    return [_message(turn) for turn in turns]


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.text}
    if turn.role == "tool":
        message["tool_call_id"] = turn.call_id
    if turn.calls:
        message["content"] = turn.text or None
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in turn.calls
        ]
    return message


_OPTIONAL = ("stream_options", "parallel_tool_calls", "max_completion_tokens", "temperature", "top_p")
"""What a provider may refuse and an answer can do without; `max_completion_tokens` then goes by its older name."""


def _refused_parameter(body: dict[str, Any], message: str, known: set[str]) -> str | None:
    names: Sequence[str] = [name for name in _OPTIONAL if name in body and name not in known and name in message]
    return names[0] if names else None


def _without(body: dict[str, Any], refused: set[str]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in refused}
    if "max_completion_tokens" in refused and "max_completion_tokens" in body:
        kept["max_tokens"] = body["max_completion_tokens"]
    return kept


def _says_no_tools(error: Exception) -> bool:
    return isinstance(error, openai.BadRequestError) and "support" in error.message and "tool" in error.message
