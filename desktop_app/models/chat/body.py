"""A turn asked of a model as the body of a Chat Completions request."""

from collections.abc import Set as AbstractSet
from typing import Any

from desktop_app.models.base import Image, ModelRequest, Turn
from desktop_app.models.prompting import parts_in_order, sent_arguments, spoken_turns

STRICT_FORMATS = ("json_schema", "grammar", "guided", "structured output")
"""What a server says that can't hold a model to a schema; to JSON of any kind it may."""


def chat_body(request: ModelRequest, refused: AbstractSet[str]) -> dict[str, Any]:
    """Without what the model refuses; `max_completion_tokens` then goes by its older name."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(turn) for turn in spoken_turns(request)],
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
        "reasoning_effort": request.reasoning_effort,
        "max_completion_tokens": request.max_completion_tokens,
        "response_format": _format(request, refused),
    }
    if "max_completion_tokens" in refused:
        optional["max_tokens"] = request.max_completion_tokens
    body |= {name: value for name, value in optional.items() if value is not None}
    return {name: value for name, value in body.items() if name not in refused or name == "response_format"}


def _format(request: ModelRequest, refused: AbstractSet[str]) -> Any:
    if request.format_is_wish and "response_format" in refused:
        return None
    if request.format_is_wish and not refused.isdisjoint(STRICT_FORMATS):
        return {"type": "json_object"}
    return request.response_format


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": _content(turn)}
    if turn.role == "tool":
        message["tool_call_id"] = turn.call_id
    if turn.calls:
        message["content"] = turn.text or None
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": sent_arguments(call)}}
            for call in turn.calls
        ]
    return message


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    """Text alone as a string, which every server knows; with images as parts in their order."""
    if not turn.images:
        return turn.text
    return [
        {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}
        if isinstance(part, Image)
        else {"type": "text", "text": part}
        for part in parts_in_order(turn)
    ]
