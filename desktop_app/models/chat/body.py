"""A turn asked of a model as the body of a Chat Completions request."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from desktop_app.models.base import ModelRequest, Turn
from desktop_app.models.prompting import IMAGE_LEFT_OUT, with_passages

_OF_ASSISTANT = "(What the answer above shows.)"
"""Before images of an assistant's message: only a user's may hold images on this wire."""


def chat_body(request: ModelRequest, refused: AbstractSet[str]) -> dict[str, Any]:
    """Without what the model refuses; `max_completion_tokens` then goes by its older name."""
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
        "reasoning_effort": request.reasoning_effort,
        "max_completion_tokens": request.max_completion_tokens,
        "response_format": request.response_format,
    }
    if "max_completion_tokens" in refused:
        optional["max_tokens"] = request.max_completion_tokens
    body |= {name: value for name, value in optional.items() if value is not None}
    return {name: value for name, value in body.items() if name not in refused}


def _messages(request: ModelRequest) -> list[dict[str, Any]]:
    turns = list(request.turns)
    if request.passages is not None:
        last = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=None)
        if last is None:
            turns.append(Turn("user", with_passages("", request.passages)))
        else:
            turns[last] = _preceded(turns[last], with_passages("", request.passages))
    return [message for turn in turns for message in _written(turn)]


def _preceded(turn: Turn, before: str) -> Turn:
    images = [replace(image, at=image.at + len(before)) for image in turn.images]
    return replace(turn, text=before + turn.text, images=images)


def _written(turn: Turn) -> list[dict[str, Any]]:
    """One message, or two for an assistant's turn with images."""
    if turn.role == "assistant" and turn.images:
        shown = Turn("user", _OF_ASSISTANT, images=[replace(image, at=len(_OF_ASSISTANT)) for image in turn.images])
        text = turn.text or IMAGE_LEFT_OUT
        return [*_written(replace(turn, text=text, images=())), *_written(shown)]
    message: dict[str, Any] = {"role": turn.role, "content": _content(turn)}
    if turn.role == "tool":
        message["tool_call_id"] = turn.call_id
    if turn.calls:
        message["content"] = turn.text or None
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in turn.calls
        ]
    return [message]


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    """Text alone as a string, which every server knows; with images as parts in their order."""
    if not turn.images:
        return turn.text
    parts: list[dict[str, Any]] = []
    start = 0
    for image in turn.images:
        parts.extend(_text_part(turn.text[start : image.at]))
        parts.append({"type": "image_url", "image_url": {"url": image.url, "detail": image.detail}})
        start = image.at
    return [*parts, *_text_part(turn.text[start:])]


def _text_part(text: str) -> list[dict[str, Any]]:
    text = text.strip("\n")
    return [{"type": "text", "text": text}] if text else []
