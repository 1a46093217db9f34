"""The Responses wire against a real small server: what is asked, what is read, and what is told when it fails."""

import json
from typing import Any

import pytest
from openai.types.responses import ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import TypeAdapter

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    Image,
    ModelError,
    ModelPart,
    ModelRequest,
    Passage,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    Usage,
    Waiting,
)
from desktop_app.models.base import Turn as ModelTurn
from desktop_app.models.remote import patience as patience_of
from desktop_app.models.remote.patience import Patience
from desktop_app.models.responses.body import responses_body
from desktop_app.models.responses.wire import RESPONSES
from tests.support.remote import KEY, parts_of, question, remote_model
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.scripted_wires import CHAT, script, sse

WEATHER = FunctionTool("weather", "Tell the weather.", {"type": "object", "properties": {}})


async def _answer(*turns: Turn, request: ModelRequest | None = None, times: int = 1) -> tuple[list[ModelPart], Any]:
    """The parts of the last answer, and the body of the last request."""
    with ScriptedProvider(turns) as provider:
        async with remote_model(provider.base_url, RESPONSES) as model:
            for _ in range(times):
                parts = list(await parts_of(model, request))
        return parts, provider.requests[-1]


def _text(parts: list[ModelPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta))


def _calls(parts: list[ModelPart]) -> list[tuple[str, str, str]]:
    started = [part for part in parts if isinstance(part, CallStarted)]
    written = [
        "".join(part.fragment for part in parts if isinstance(part, CallArguments) and part.index == call.index)
        for call in started
    ]
    return [(call.id, call.name, arguments) for call, arguments in zip(started, written, strict=True)]


def test_the_scripted_events_are_those_of_the_sdk() -> None:
    turn = Turn("Fine.", thoughts=["Hm."], calls=[{"name": "weather", "arguments": "{}"}], details=(1, 2))
    played = script("/v1/responses", turn, {"model": "gpt-x", "include": ["reasoning.encrypted_content"]})
    raw = (played.begin + b"".join(played.deltas) + played.end).decode()
    events = [json.loads(line.removeprefix("data: ")) for line in raw.split("\n") if line.startswith("data: ")]
    adapter: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
    assert [adapter.validate_python(event).type for event in events] == [event["type"] for event in events]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


async def test_text_comes_piece_by_piece_and_ends_with_its_usage() -> None:
    parts, body = await _answer(Turn(["Hel", "lo"], usage=(7, 5), details=(3, 2)))
    assert parts == [TextDelta("Hel"), TextDelta("lo"), Finished("stop", Usage(7, 5, 3, 2))]
    assert body["store"] is False
    assert body["include"] == ["reasoning.encrypted_content"]
    assert body["reasoning"] == {"summary": "auto"}


async def test_a_body_is_one_that_the_sdk_would_send() -> None:
    schema = {"type": "object", "properties": {}}
    request = question(
        tools=[WEATHER, FunctionTool("time", "", schema, strict=True)],
        tool_choice={"type": "function", "function": {"name": "weather"}},
        temperature=0.5,
        top_p=0.9,
        reasoning_effort="low",
        max_completion_tokens=300,
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}},
        parallel_tool_calls=False,
    )
    _, body = await _answer(Turn("Fine."), request=request)
    TypeAdapter(ResponseCreateParamsStreaming).validate_python(body)
    assert body["tools"][0] == {"type": "function", "name": "weather", "description": "Tell the weather."} | {
        "parameters": schema,
        "strict": False,
    }
    assert body["tools"][1]["strict"] is True
    assert body["tool_choice"] == {"type": "function", "name": "weather"}
    assert body["text"] == {"format": {"type": "json_schema", "name": "x", "schema": schema, "strict": True}}
    assert body["reasoning"] == {"effort": "low", "summary": "auto"}
    assert (body["max_output_tokens"], body["parallel_tool_calls"]) == (300, False)
    assert (body["temperature"], body["top_p"]) == (0.5, 0.9)


def test_turns_passages_and_images_reach_the_provider_in_their_order() -> None:
    picture = "data:image/png;base64,AAAA"
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "secret"}
    turns = [
        ModelTurn("system", "Be brief."),
        ModelTurn("assistant", "Look:", images=[Image(picture)]),
        ModelTurn("user", "What is this?\n\nAnd this?", images=[Image(picture, "low", at=13)]),
        ModelTurn("assistant", "", [ToolCall("call_1", "weather", "")], thoughts=[thought]),
        ModelTurn("tool", "Rain.", call_id="call_1"),
    ]
    passages = [Passage("[1]", "a.pdf", "The deposit is 250 euros.", 0.9)]
    items = responses_body(ModelRequest("gpt-x", turns, passages=passages), set())["input"]
    assert items[0] == {"role": "system", "content": "Be brief."}
    assert items[1] == {"role": "assistant", "content": "Look:"}
    assert items[2]["content"][1] == {"type": "input_image", "image_url": picture, "detail": "auto"}
    first, image, second = items[3]["content"]
    assert first["type"] == second["type"] == "input_text"
    assert "[1] a.pdf\nThe deposit is 250 euros." in first["text"]
    assert first["text"].endswith("Question: What is this?")
    assert (image["detail"], second["text"]) == ("low", "And this?")
    assert items[4] == thought
    assert items[5] == {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"}
    assert items[6] == {"type": "function_call_output", "call_id": "call_1", "output": "Rain."}
    assert thought not in responses_body(ModelRequest("gpt-x", turns), {"encrypted_content"})["input"]


@pytest.mark.parametrize("whole", [False, True])
async def test_calls_come_in_fragments_or_whole_and_thoughts_with_them_are_kept(whole: bool) -> None:
    calls = [{"name": "weather", "arguments": {"city": name}, "id": f"call_{name}"} for name in ("a", "b")]
    parts, _ = await _answer(Turn(thoughts=["Hm. ", "Rain?"], calls=calls, whole_calls=whole))
    assert _calls(parts) == [(f"call_{name}", "weather", f'{{"city": "{name}"}}') for name in ("a", "b")]
    assert [part for part in parts if isinstance(part, ReasoningDelta)] == [
        ReasoningDelta("Hm. "),
        ReasoningDelta("Rain?"),
    ]
    finished = parts[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "tool_calls"
    summary = [{"type": "summary_text", "text": "Hm. Rain?"}]
    assert list(finished.thoughts) == [
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "secret Hm. Rain?"}
    ]


@pytest.mark.parametrize(("given", "reason"), [("length", "length"), ("content_filter", "content_filter")])
async def test_an_incomplete_answer_says_why(given: str, reason: str) -> None:
    parts, _ = await _answer(Turn("one two", finish_reason=given))
    assert isinstance(parts[-1], Finished)
    assert parts[-1].reason == reason
    assert _text(parts) == "one two"


async def test_a_refusal_is_what_the_model_says() -> None:
    parts, _ = await _answer(Turn("I can't help with that.", refusal=True))
    assert _text(parts) == "I can't help with that."


def _whole(*output: Any, **fields: Any) -> dict[str, Any]:
    return {"object": "response", "status": "completed", "output": list(output), "usage": None, **fields}


MESSAGE = {
    "type": "message",
    "content": [{"type": "output_text", "text": "Hi "}, {"type": "refusal", "refusal": "no"}],
}
CALL = {"type": "function_call", "call_id": "call_a", "name": "weather", "arguments": '{"a":1}'}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "Hm."}], "content": [{"text": "Well."}]}
LATE = [
    {"type": "response.reasoning_text.delta", "item_id": "r", "delta": "Hm.\n\nWell."},
    {"type": "response.output_text.delta", "item_id": "m", "delta": "Hi no"},
    {"type": "response.completed", "response": _whole(THOUGHT, MESSAGE, CALL)},
]
DONE = {"type": "response.completed", "response": {"status": "completed"}}


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(_whole(THOUGHT, MESSAGE, CALL)),
        sse(*LATE),
        sse({"type": "response.completed", "response": _whole(THOUGHT, MESSAGE, CALL)}),
        sse(
            *({"type": "response.output_item.done", "item": item, "output_index": at}
              for at, item in enumerate([THOUGHT, MESSAGE, CALL])),
            {"type": "response.completed", "response": _whole(THOUGHT, MESSAGE, CALL)},
        ),
        sse(
            {"type": "response.reasoning_summary_text.delta", "item_id": "r", "delta": "Hm."},
            {"type": "response.reasoning_summary_part.added", "item_id": "r", "summary_index": 1},
            {"type": "response.reasoning_text.delta", "item_id": "r", "delta": "Well."},
            {"type": "response.output_text.delta", "item_id": "m", "delta": "Hi "},
            {"type": "response.refusal.delta", "item_id": "m", "delta": "no"},
            {"type": "response.output_item.added", "item": {"type": "function_call", "id": "f", "name": ""}},
            {"type": "response.function_call_arguments.delta", "item_id": "f", "delta": '{"a"'},
            {"type": "response.output_item.done", "item": CALL | {"id": "f"}},
            {"type": "response.unheard_of", "x": 1},
        ) + "data: [DONE]\n\n",
        sse(
            {"type": "response.reasoning_text.delta", "output_index": 0, "delta": "Hm.\n\nWell."},
            {"type": "response.output_text.delta", "output_index": 1, "delta": "Hi no"},
            {"type": "response.output_item.added", "output_index": 2, "item": CALL | {"arguments": ""}},
            {"type": "response.function_call_arguments.done", "output_index": 2, "arguments": '{"a":1}'},
            {"type": "response.output_item.done", "output_index": 2, "item": CALL},
            DONE,
        ),
        sse({"type": "response.output_text.delta", "output_index": 0, "delta": "<think>Hm.\n\nWell.</think>\n\nHi no"},
            {"type": "response.output_item.done", "output_index": 1, "item": CALL}, DONE),
    ],
)  # fmt: skip
async def test_an_answer_is_read_in_every_dialect(raw: str) -> None:
    parts, _ = await _answer(Turn(raw=raw))
    assert _text(parts) == "Hi no"
    assert _calls(parts) == [("call_a", "weather", '{"a":1}')]
    assert "".join(part.text for part in parts if isinstance(part, ReasoningDelta)) == "Hm.\n\nWell."
    assert isinstance(parts[-1], Finished)
    assert parts[-1].reason == "tool_calls"
    assert parts[-1].usage.completion_tokens > 0
    assert not parts[-1].thoughts  # without their encrypted form they can't be sent back


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        ("", "server_error", "did not answer over Responses"),
        ("<html>Hello</html>", "server_error", "Many servers know Chat Completions only"),
        ('data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n', "server_error", "Chat Completions only"),
        ("data: 7\n\n", "server_error", "Chat Completions only"),
        (sse({"type": "response.created", "response": {}}), "server_error", "in the middle"),
        (sse({"type": "response.output_text.delta", "delta": 7}), "server_error", "in the middle"),
        (sse({"type": "response.output_item.done", "item": 7}), "server_error", "in the middle"),
        (sse({"type": "response.completed", "response": {"output": [7]}}), "server_error", "in the middle"),
        (sse({"type": "response.output_text.delta", "delta": "x" * 600_000}) * 2, "server_error", "did not stop"),
        (sse({"type": "error", "code": "rate_limit_exceeded", "message": "Slow"}), "rate_limit_exceeded", "Slow."),
        (sse({"type": "error", "error": {"message": f"bad {KEY}"}}), "server_error", "bad [key]"),
        ('{"error": {"message": "Out of memory"}}', "server_error", "Out of memory"),
        ('{"detail": "Not Found"}', "server_error", "Not Found"),
        (
            sse({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops"}}}),
            "server_error",
            "a problem of its own (HTTP 500): Oops.",
        ),
        (
            sse({"type": "response.failed", "response": {"error": {"code": "invalid_prompt", "message": "No"}}}),
            "invalid_prompt",
            "No.",
        ),
        (sse({"type": "response.failed", "response": {}}), "server_error", "Its status is 'failed'."),
        (json.dumps(_whole(status="cancelled")), "server_error", "Its status is 'cancelled'."),
    ],
)
async def test_what_is_no_answer_is_told_in_words(raw: str, code: str, words: str) -> None:
    with pytest.raises(ModelError) as failure:
        await _answer(Turn(raw=raw))
    assert words in failure.value.message
    assert failure.value.code == code
    assert KEY not in failure.value.message


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_server_that_knows_chat_only_is_told_with_the_remedy(status: int) -> None:
    with pytest.raises(ModelError, match=r"Chat Completions only.*DESKSIDE_PROVIDER_WIRE=chat"):
        await _answer(Turn(status=status, error="nothing here"))
    with ScriptedProvider([Turn("Fine.")], paths=[CHAT]) as provider:
        async with remote_model(provider.base_url, RESPONSES) as model:
            with pytest.raises(ModelError, match="Chat Completions only"):
                await parts_of(model)


@pytest.mark.parametrize(
    ("error", "left"),
    [
        ("Unsupported parameter: 'reasoning.effort' is not supported with this model.", {"summary": "auto"}),
        ("Your organization must be verified. (reasoning.summary)", {"effort": "low"}),
        ("Unrecognized request argument supplied: reasoning", None),
    ],
)
async def test_what_a_model_refuses_of_reasoning_is_left_out_from_then_on(error: str, left: Any) -> None:
    refusal = Turn(status=400, error=error)
    parts, body = await _answer(refusal, Turn("Fine."), request=question(reasoning_effort="low"), times=2)
    assert _text(parts) == "Fine."
    assert body.get("reasoning") == left


def test_a_format_is_left_out_only_where_it_is_a_wish() -> None:
    wish = question(response_format={"type": "json_object"}, format_is_wish=True)
    assert "text" in responses_body(wish, set())
    assert "text" not in responses_body(wish, {"text.format"})
    assert "text" in responses_body(question(response_format={"type": "json_object"}), {"text.format"})


async def test_thoughts_that_are_not_taken_back_are_left_out() -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "secret"}
    turns = [ModelTurn("user", "Hello?"), ModelTurn("assistant", "", [ToolCall("c", "x", "{}")], thoughts=[thought])]
    refusal = Turn(status=400, error="The encrypted content could not be verified.", code="invalid_encrypted_content")
    _, body = await _answer(refusal, Turn("Fine."), request=ModelRequest("gpt-x", turns))
    assert [item.get("type") for item in body["input"]] == [None, "function_call"]


async def test_an_error_before_the_first_word_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience_of, "_FIRST_PAUSE_S", 0.01)
    created = {"type": "response.created", "response": {}}
    failed = {"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops"}}}
    with ScriptedProvider([Turn(raw=sse(created, failed)), Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url, RESPONSES, Patience(retries=1)) as model:
            assert (await parts_of(model))[:2] == [Waiting(), TextDelta("Fine.")]


async def test_a_server_that_never_ends_its_stream_is_left_at_once() -> None:
    with ScriptedProvider([Turn("one two", linger=True)]) as provider:
        async with remote_model(provider.base_url, RESPONSES) as model:
            assert _text(list(await parts_of(model))) == "one two"
            assert provider.wait_until_left()
