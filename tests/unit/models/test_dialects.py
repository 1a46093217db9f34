"""What servers that call themselves OpenAI-compatible send: met half way where it is clear, else told in words."""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    ModelError,
    ModelPart,
    ModelRequest,
    TextDelta,
    Usage,
)
from desktop_app.models.base import Turn as ModelTurn
from tests.support.choosing import chosen_model, model_choice
from tests.support.scripted_provider import ScriptedProvider, Turn

KEY = "sk-planted-0123456789"
WEATHER = FunctionTool("weather", "Tell the weather.", {"type": "object", "properties": {}})
DONE = "data: [DONE]\n\n"

Read = Callable[..., Any]


@pytest.fixture
async def read() -> Any:
    """`await read(raw, ...)`: the parts of an answer that consists of exactly these bytes."""

    async def ask(raw: str, kind: str = "text/event-stream", cut: bool = False, **request: Any) -> list[ModelPart]:
        with ScriptedProvider([Turn(raw=raw, kind=kind, cut=cut)]) as provider:
            choice = model_choice(provider_url=provider.base_url, provider_retries=0)
            asked = ModelRequest(model="gpt-x", turns=[ModelTurn("user", "Hello?")], tools=[WEATHER], **request)
            try:
                return [part async for part in (await chosen_model(choice)).stream(asked)]
            finally:
                await choice.close()

    return ask


def _chunk(delta: Any = None, finish: Any = None, **fields: Any) -> str:
    return _event({"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **fields})


def _event(content: Any) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _calls(*pieces: Any, finish: str = "tool_calls") -> str:
    return "".join(_chunk({"tool_calls": [piece]}) for piece in pieces) + _chunk({}, finish) + DONE


def _function(name: str | None = None, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {**fields, "function": {key: value for key, value in function.items() if value is not None}}


def _text(parts: Sequence[ModelPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta))


def _called(parts: Sequence[ModelPart]) -> list[tuple[str, str, str]]:
    """Id, name and arguments of each call."""
    started = [part for part in parts if isinstance(part, CallStarted)]
    assert [call.index for call in started] == list(range(len(started)))
    written = {
        call.index: "".join(p.fragment for p in parts if isinstance(p, CallArguments) and p.index == call.index)
        for call in started
    }
    return [(call.id, call.name, written[call.index]) for call in started]


def _finished(parts: Sequence[ModelPart]) -> Finished:
    assert isinstance(parts[-1], Finished)
    assert not any(isinstance(part, Finished) for part in parts[:-1])
    return parts[-1]


@pytest.mark.parametrize(
    "raw",
    [
        _chunk({"content": "Hi "}) + _chunk({"content": "there"}, "stop") + DONE,
        _chunk({"role": "assistant", "content": None}) + _chunk({"content": "Hi there"}) + _chunk(None, "stop"),
        _chunk({"content": "Hi there"}) + DONE,
        _chunk({"content": "Hi there"}, "stop").strip(),
        (_chunk({"content": "Hi there"}) + _chunk({}, "stop") + DONE).replace("\n", "\r\n"),
        "\ufeff" + _chunk({"content": "Hi there"}, "stop").replace("data: ", "data:"),
        ": ping\n\nevent: message\nid: 7\nretry: 10\n" + _chunk({"content": "Hi there"}, "stop"),
        _event({"choices": []}) + _chunk({"content": "Hi there"}, "eos") + _event({"choices": None, "usage": None}),
        'data: {"choices": [{"delta":\ndata: {"content": "Hi there"}, "finish_reason": "stop"}]}\n\n',
        _chunk({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi there"}]}, "stop"),
        _event({"choices": [{"message": {"role": "assistant", "content": "Hi there"}, "finish_reason": "stop"}]}),
        json.dumps({"choices": [{"message": {"content": "Hi there"}, "finish_reason": "stop"}]}, indent=1),
        _chunk({"content": "Hi there", "tool_calls": None, "refusal": None}, "stop", usage={}, x=[1]),
        _chunk({"refusal": "Hi there"}, "stop"),
    ],
)
async def test_an_answer_is_read_in_every_dialect(read: Read, raw: str) -> None:
    parts = await read(raw)
    assert _text(parts) == "Hi there"
    assert _finished(parts).reason == "stop"


async def test_the_content_type_does_not_matter(read: Read) -> None:
    assert _text(await read(_chunk({"content": "Hi"}, "stop"), kind="application/json")) == "Hi"
    assert _text(await read('{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}')) == "Hi"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("content_filter", "content_filter"),
        ("SAFETY", "content_filter"),
        ("tool_calls", "stop"),
    ],
)
async def test_every_finish_reason_has_a_meaning(read: Read, given: str, reason: str) -> None:
    assert _finished(await read(_chunk({"content": "Hi"}, given))).reason == reason


@pytest.mark.parametrize(
    ("usages", "expected"),
    [
        ([{"prompt_tokens": 5, "completion_tokens": 1}, {"prompt_tokens": 5, "completion_tokens": 2}], Usage(5, 2)),
        ([{"prompt_tokens": 5, "completion_tokens": None}], Usage(5, 0)),
        ([{"prompt_tokens": None}, {"prompt_tokens": "5"}, {"prompt_tokens": -1}, "many", 7], Usage(1, 2)),
    ],
)
async def test_usage_may_come_in_every_chunk_or_be_nonsense(read: Read, usages: list[Any], expected: Usage) -> None:
    raw = "".join(_chunk({"content": "x"}, usage=usage) for usage in usages[:-1])
    parts = await read(raw + _chunk({"content": "Hi"}, "stop", usage=usages[-1]))
    assert _finished(parts).usage == expected


@pytest.mark.parametrize(
    "raw",
    [
        _calls(_function("weather", "", index=0, id="call_a"), _function(None, '{"a":1}', index=0)),
        _calls(_function("wea", "", index=0, id="call_a"), _function("ther", '{"a":1}', index=0)),
        _calls(_function("weather", '{"a":', index=0, id="call_a"), _function("weather", "1}", index=0, id="call_a")),
        _calls(_function("weather", '{"a":', id="call_a"), _function(None, "1}", id="call_a")),
        _calls(_function("weather", '{"a":', id="call_a"), _function("weather", "1}", id="call_a")),
        _calls(_function("weather", '{"a":', id="call_a"), _function(None, "1}")),
        _calls(_function("weather", '{"a":1}', id="call_a", index=None, type="function"), finish="stop"),
        _calls(_function(None, '{"a":', index=0, id="call_a"), _function("weather", "1}", index=0)),
        _calls(_function("weather", '{"a":', index=0, id="call_a"), _function(None, "1}", index=0, id="other")),
    ],
)  # fmt: skip
async def test_a_call_is_put_together_from_its_pieces(read: Read, raw: str) -> None:
    parts = await read(raw)
    assert _called(parts) == [("call_a", "weather", '{"a":1}')]
    assert _finished(parts).reason == "tool_calls"


@pytest.mark.parametrize(
    "pieces",
    [
        [_function("weather", '{"a":1}', index=0, id="x"), _function("weather", '{"a":2}', index=1, id="x")],
        [_function("weather", '{"a":1}', index=0), _function("weather", '{"a":2}', index=0)],
        [_function("weather", '{"a":1}', id="x"), _function("weather", '{"a":2}', id="x")],
        [_function("weather", '{"a":1}', id=""), _function("weather", '{"a":2}', id="")],
        [_function("weather", '{"a":1}', index=3, id=7), _function("weather", '{"a":2}', index=3, id=8)],
    ],
)
async def test_two_calls_stay_two_with_ids_of_their_own(read: Read, pieces: list[Any]) -> None:
    called = _called(await read(_calls(*pieces)))
    assert [arguments for _, _, arguments in called] == ['{"a":1}', '{"a":2}']
    assert len({call_id for call_id, _, _ in called} - {""}) == 2


async def test_calls_without_arguments_and_calls_in_odd_shapes_are_read(read: Read) -> None:
    none = _calls(_function("weather"), _function("time"))
    assert [name for _, name, _ in _called(await read(none))] == ["weather", "time"]
    as_object = _calls(_function("weather", {"a": "ü"}, index=0, id="x"))
    assert _called(await read(as_object)) == [("x", "weather", '{"a": "ü"}')]
    old = _chunk({"function_call": {"name": "weather", "arguments": '{"a"'}})
    old += _chunk({"function_call": {"arguments": ":1}"}}, "function_call")
    assert [call[1:] for call in _called(await read(old))] == [("weather", '{"a":1}')]
    nameless = _calls(_function(None, "{}", index=0, id="x"))
    assert _called(await read(nameless)) == []


async def test_characters_cut_in_two_are_joined_and_halves_are_replaced(read: Read) -> None:
    raw = "".join(_chunk({"content": text}) for text in ["a\ud83d", "\ude00b", "\ud83d", "c", "\ud83d"])
    assert _text(await read(raw + DONE)) == "a😀b\ufffdc\ufffd"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "no Chat Completions stream"),
        ("data: {}\n\n", "no Chat Completions stream"),
        ('data: {"id": 1}\n\ndata: [1]\n\n', "no Chat Completions stream"),
        ("It works!\n", "no Chat Completions stream"),
        ("<!doctype html>\n<p>Hi</p>", "no Chat Completions stream"),
        ("[1, 2]", "no Chat Completions stream"),
        ('{"choices": [', "no Chat Completions stream"),
        ("data: " + "[" * 100_000 + "\n\n", "no Chat Completions stream"),
        ("data: {nonsense}\n\n", "no Chat Completions stream"),
        (_event({"choices": "none"}), "no Chat Completions stream"),
        (_event({"choices": [7]}), "no Chat Completions stream"),
        (_chunk({"content": 7}, "stop"), "in the middle"),
        (_chunk({"content": "Hi"}) + _chunk({"tool_calls": [7]}), "in the middle"),
        (_chunk({"content": "Hi"}) + _chunk({"tool_calls": [{"function": "weather"}]}), "in the middle"),
        (_chunk({"content": "Hi"}) + "data: {nonsense}\n\n", "in the middle"),
        (_chunk({"content": "Hi"}) + 'data: {"choices": [{"del', "in the middle"),
        (_chunk({"content": "Hi"}), "in the middle"),
        (_chunk({"content": "Hi"}) + "\x00\x01\x02\n\n", "in the middle"),
        (_chunk({"content": "Hi"}, "error"), "stopped with the reason 'error'"),
        ("data: " + "x" * 9_000_000, "no Chat Completions stream"),
        ("data: xxxxxxxx\n" * 1_200_000, "no Chat Completions stream"),
        (_chunk({"content": "x" * 600_000}) * 2, "did not stop writing"),
    ],
)
async def test_what_is_no_answer_is_told_in_words(read: Read, raw: str, words: str) -> None:
    with pytest.raises(ModelError, match=words) as failure:
        await read(raw)
    assert failure.value.code == "server_error"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        ({"message": "Overloaded", "code": 529}, "server_error", "HTTP 529): Overloaded."),
        ({"message": "Slow down", "code": "429"}, "rate_limit_exceeded", "Slow down"),
        ({"message": "Slow down", "type": "rate_limit_exceeded"}, "rate_limit_exceeded", "Slow down"),
        ({"message": "No money", "code": "insufficient_quota"}, "rate_limit_exceeded", "No money"),
        ({"message": "maximum context length", "code": "context_length_exceeded"}, "invalid_prompt", "longer than"),
        ("Out of memory", "server_error", "broke off its answer: Out of memory."),
        ({"message": f"bad key {KEY}"}, "server_error", "bad key [key]"),
        ({"odd": 1}, "server_error", "broke off"),
    ],
)
async def test_an_error_within_the_stream_is_told(read: Read, error: Any, code: str, words: str) -> None:
    started = _chunk({"content": "Hi"})
    events = [_event({"error": error}), f"event: error\n{_event({'error': error})}", f"event: error\n{_event(error)}"]
    for event in [*events, json.dumps({"error": error})]:
        with pytest.raises(ModelError) as failure:
            await read(event if event.startswith("{") else started + event)
        assert failure.value.code == code
        assert words in failure.value.message
        assert KEY not in failure.value.message


@pytest.mark.parametrize("report", [{"detail": "Too busy"}, {"object": "error", "message": "Too busy"}])
async def test_errors_in_other_shapes_are_told_too(read: Read, report: Any) -> None:
    for raw in (_event(report), json.dumps(report)):
        with pytest.raises(ModelError, match="Too busy"):
            await read(raw)


async def test_a_connection_that_breaks_behind_the_end_breaks_nothing(read: Read) -> None:
    raw = _chunk({"content": "Hi"}, "stop")
    with pytest.raises(ModelError, match="broke"):
        await read(_chunk({"content": "Hi"}), cut=True)
    assert _text(await read(raw, cut=True)) == "Hi"


@pytest.mark.parametrize(
    "raw", ["These words\nare no stream.\n" * 50, _chunk({"content": "Hello"}) + "data: {broken\n\n"]
)
async def test_an_answer_that_is_given_up_leaves_no_generator_to_the_garbage_collector(read: Read, raw: str) -> None:
    left: list[str] = []
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=lambda generator: left.append(generator.__qualname__))
    try:
        with pytest.raises(ModelError):
            await read(raw)
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert left == []
