"""A turn asked of a model as the body of a Responses request. Nothing is stored: each request says all."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from openai.types.responses import ResponseIncludable

from desktop_app.models.base import FunctionTool, Image, ModelRequest, Turn
from desktop_app.models.prompting import parts_in_order, sent_arguments, spoken_turns

ENCRYPTED: ResponseIncludable = "reasoning.encrypted_content"
FORMATS = ("text.format", "json_schema")
OPTIONAL = (
    "reasoning.summary",
    "reasoning.effort",
    "reasoning",
    "include",
    "encrypted_content",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    *FORMATS,
)
"""`encrypted_content` stands for thoughts that the provider gave and does not take back."""


def responses_body(request: ModelRequest, refused: AbstractSet[str]) -> dict[str, Any]:
    """Without what the model refuses."""
    any_format = request.format_is_wish and not refused.isdisjoint(FORMATS)
    takes_thoughts = refused.isdisjoint({"include", "encrypted_content"})
    reasoning = {"effort": request.reasoning_effort, "summary": "auto"}
    body: dict[str, Any] = {
        "model": request.model,
        "input": [item for turn in spoken_turns(request) for item in _items(turn, takes_thoughts)],
        "stream": True,
        "store": False,
        "include": [ENCRYPTED] if takes_thoughts else None,
        "reasoning": {
            name: value for name, value in reasoning.items() if value and f"reasoning.{name}" not in refused
        },
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_output_tokens": request.max_completion_tokens,
        "text": {"format": _format(request.response_format)} if request.response_format and not any_format else None,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body["tool_choice"] = _choice(request.tool_choice)
        body["parallel_tool_calls"] = None if request.parallel_tool_calls else False
    return {name: value for name, value in body.items() if value is not None and value != {} and name not in refused}


def _items(turn: Turn, takes_thoughts: bool) -> Iterator[dict[str, Any]]:
    if turn.role == "tool":
        yield {"type": "function_call_output", "call_id": turn.call_id, "output": turn.text}
        return
    if takes_thoughts:
        yield from turn.thoughts
    if turn.text or turn.images or not turn.calls:
        yield {"role": turn.role, "content": _content(turn)}
    for call in turn.calls:
        yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": sent_arguments(call)}


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.images:
        return turn.text
    return [
        {"type": "input_image", "image_url": part.url, "detail": part.detail}
        if isinstance(part, Image)
        else {"type": "input_text", "text": part}
        for part in parts_in_order(turn)
    ]


def _tool(tool: FunctionTool) -> dict[str, Any]:
    """`strict` is always said, because this wire takes silence for yes."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": bool(tool.strict),
    }


def _choice(choice: Any) -> Any:
    return {"type": "function", "name": choice["function"]["name"]} if isinstance(choice, dict) else choice


def _format(given: dict[str, Any]) -> dict[str, Any]:
    """A `response_format` of Chat Completions, whose schema lies a level deeper."""
    return {"type": given["type"], **given.get("json_schema", {})}
