"""A scripted turn as the events of a stream, on either wire."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.scripted_turn import Turn

DONE = b"data: [DONE]\n\n"
CHAT, RESPONSES = "/chat/completions", "/responses"


@dataclass
class Script:
    """Server-sent events. `deltas` are what a turn counts; each may hold further events in front of its own."""

    begin: bytes = b""
    deltas: list[bytes] = field(default_factory=list)
    end: bytes = b""
    close: bytes = b""


def script(path: str, turn: Turn, body: dict[str, Any]) -> Script:
    return _responses(turn, body) if path.endswith(RESPONSES) else _chat(turn, body)


def _pieces(turn: Turn) -> list[str]:
    if isinstance(turn.text, list):
        return turn.text
    words = [f"{word} " for word in turn.text.split(" ") if word]
    return [*words[:-1], words[-1][:-1]] if words else []


def _arguments(call: dict[str, Any]) -> str:
    return call["arguments"] if isinstance(call["arguments"], str) else json.dumps(call["arguments"])


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def _chat(turn: Turn, body: dict[str, Any]) -> Script:
    def chunk(**content: Any) -> bytes:
        made = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
        return f"data: {json.dumps(made | content)}\n\n".encode()

    def choice(delta: dict[str, Any], reason: str | None = None) -> bytes:
        return chunk(choices=[{"index": 0, "delta": delta, "finish_reason": reason}])

    end = choice({}, turn.finish_reason or ("tool_calls" if turn.calls else "stop"))
    if turn.usage is not None and body.get("stream_options", {}).get("include_usage"):
        prompt, completion = turn.usage
        usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion}
        if turn.details is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": turn.details[0]}
            usage["completion_tokens_details"] = {"reasoning_tokens": turn.details[1]}
        end += chunk(choices=[], usage=usage | {"total_tokens": prompt + completion})
    return Script(deltas=[choice(delta) for delta in _chat_deltas(turn)], end=end, close=DONE)


def _chat_deltas(turn: Turn) -> list[dict[str, Any]]:
    if turn.thoughts_in == "<think>":
        thoughts = [{"content": piece} for piece in ("<think>", *turn.thoughts, "</think>\n") if turn.thoughts]
    else:
        thoughts = [{turn.thoughts_in: piece} for piece in turn.thoughts]
    said = [{"refusal" if turn.refusal else "content": piece} for piece in _pieces(turn)]
    calls: list[dict[str, Any]] = []
    for number, call in enumerate(turn.calls):
        index = call.get("index", number)
        if turn.whole_calls:
            function = {"name": call["name"], "arguments": _arguments(call)}
            calls.append({"tool_calls": [{"type": "function", "function": function}]})
            continue
        begun = {"index": index, "id": call.get("id", f"call_{number}"), "type": "function"}
        calls.append({"tool_calls": [{**begun, "function": {"name": call["name"], "arguments": ""}}]})
        for fragment in _halves(_arguments(call)):
            calls.append({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
    answer = calls + said if turn.calls_first else said + calls
    return answer + thoughts if turn.thoughts_last else thoughts + answer


def _responses(turn: Turn, body: dict[str, Any]) -> Script:
    stream = _ResponseStream(turn, body)
    stream.think()
    for write in (stream.call, stream.say) if turn.calls_first else (stream.say, stream.call):
        write()
    return stream.script()


class _ResponseStream:
    """Events of the Responses API, in the order and with the fields of the reference."""

    def __init__(self, turn: Turn, body: dict[str, Any]) -> None:
        self._turn = turn
        self._body = body
        self._number = 0
        self._output: list[dict[str, Any]] = []
        self._deltas: list[bytes] = []
        self._before = b""  # what goes out with the next delta
        started = self._response("in_progress")
        self._begin = self._event("response.created", response=started)
        self._begin += self._event("response.in_progress", response=started)

    def script(self) -> Script:
        reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
        reason = reasons.get(self._turn.finish_reason or "")
        status = "incomplete" if reason else "completed"
        ended = self._response(status, incomplete_details={"reason": reason} if reason else None)
        end = self._before + self._event(f"response.{status}", response=ended)
        return Script(self._begin, self._deltas, end)

    def think(self) -> None:
        if not self._turn.thoughts:
            return
        text = "".join(self._turn.thoughts)
        item = {"type": "reasoning", "id": "rs_1", "summary": []}
        at = self._item_added(item)
        place = {"item_id": "rs_1", "output_index": at, "summary_index": 0}
        part = {"type": "summary_text", "text": text}
        self._then("response.reasoning_summary_part.added", **place, part={"type": "summary_text", "text": ""})
        for piece in self._turn.thoughts:
            self._delta("response.reasoning_summary_text.delta", **place, delta=piece)
        self._then("response.reasoning_summary_text.done", **place, text=text)
        self._then("response.reasoning_summary_part.done", **place, part=part)
        packed = {"encrypted_content": f"secret {text}"}
        asked = "reasoning.encrypted_content" in self._body.get("include", ())
        self._item_done(at, item | {"summary": [part]} | (packed if asked else {}))

    def say(self) -> None:
        pieces = _pieces(self._turn)
        if not pieces:
            return
        refuses = self._turn.refusal
        kind, name = ("refusal", "refusal") if refuses else ("output_text", "text")
        none: dict[str, Any] = {} if refuses else {"logprobs": []}
        empty = {"type": kind, name: ""} | ({} if refuses else {"annotations": []})
        whole = empty | {name: "".join(pieces)}
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
        at = self._item_added(item)
        place = {"item_id": "msg_1", "output_index": at, "content_index": 0}
        self._then("response.content_part.added", **place, part=empty)
        for piece in pieces:
            self._delta(f"response.{kind}.delta", **place, **none, delta=piece)
        self._then(f"response.{kind}.done", **place, **none, **{name: whole[name]})
        self._then("response.content_part.done", **place, part=whole)
        self._item_done(at, item | {"status": "completed", "content": [whole]})

    def call(self) -> None:
        for number, call in enumerate(self._turn.calls):
            arguments, item_id = _arguments(call), f"fc_{number}"
            item = {"type": "function_call", "id": item_id, "call_id": call.get("id", f"call_{number}")}
            item |= {"name": call["name"], "arguments": "", "status": "in_progress"}
            at = self._item_added(item)
            if not self._turn.whole_calls:
                place = {"item_id": item_id, "output_index": at}
                for fragment in _halves(arguments):
                    self._delta("response.function_call_arguments.delta", **place, delta=fragment)
                self._then("response.function_call_arguments.done", **place, arguments=arguments)
            self._item_done(at, item | {"arguments": arguments, "status": "completed"})

    def _item_added(self, item: dict[str, Any]) -> int:
        self._then("response.output_item.added", output_index=len(self._output), item=item)
        self._output.append(item)
        return len(self._output) - 1

    def _item_done(self, at: int, item: dict[str, Any]) -> None:
        self._output[at] = item
        self._then("response.output_item.done", output_index=at, item=item)

    def _then(self, kind: str, **fields: Any) -> None:
        self._before += self._event(kind, **fields)

    def _delta(self, kind: str, **fields: Any) -> None:
        self._deltas.append(self._before + self._event(kind, **fields))
        self._before = b""

    def _event(self, kind: str, **fields: Any) -> bytes:
        event = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(event)}\n\n".encode()

    def _response(self, status: str, **fields: Any) -> dict[str, Any]:
        ended = status != "in_progress"
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "status": status,
            "model": self._body["model"],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "output": list(self._output),
            "error": None,
            "incomplete_details": None,
            "usage": self._usage() if ended else None,
            **fields,
        }

    def _usage(self) -> dict[str, Any] | None:
        if self._turn.usage is None:
            return None
        (prompt, completion), (cached, reasoning) = self._turn.usage, self._turn.details or (0, 0)
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": prompt + completion,
        }


def sse(*events: Any) -> str:
    """Events as they are written, each with the type that it names."""
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
