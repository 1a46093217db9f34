"""The Chat Completions wire against a real small server: lenient with servers, readable when they fail."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    ModelError,
    ModelPart,
    ModelRequest,
    Passage,
    TextDelta,
    Usage,
)
from desktop_app.models.base import Turn as ModelTurn
from desktop_app.models.choice import ModelChoice
from desktop_app.models.remote import model as remote_model
from tests.support.choosing import chosen_model, model_choice
from tests.support.scripted_provider import ScriptedProvider, Turn, closed_port

KEY = "sk-planted-0123456789"
ASK = ModelRequest(model="gpt-x", turns=[ModelTurn("user", "Hello?")])
SEARCH = FunctionTool("file_search", "Search.", {"type": "object", "properties": {"query": {"type": "string"}}})

Play = Callable[..., ScriptedProvider]


@pytest.fixture
def play() -> Iterator[Play]:
    running: list[ScriptedProvider] = []

    def start(*turns: Turn) -> ScriptedProvider:
        running.append(ScriptedProvider(turns).__enter__())
        return running[-1]

    yield start
    for provider in running:
        provider.__exit__()


def _choice(url: str, **settings: Any) -> ModelChoice:
    given = {"provider_first_word_timeout_s": 2.0, "provider_timeout_s": 2.0, "provider_retries": 1} | settings
    return model_choice(provider_url=url, **given)


async def _parts(url: str, *requests: ModelRequest, **settings: Any) -> list[ModelPart]:
    """The parts of the last request; the others come before it."""
    choice = _choice(url, **settings)
    model = await chosen_model(choice)
    parts: list[ModelPart] = []
    try:
        for request in requests or (ASK,):
            parts = [part async for part in model.stream(request)]
    finally:
        await choice.close()
    return parts


async def test_text_comes_piece_by_piece_and_ends_with_its_usage(play: Play) -> None:
    provider = play(Turn(["Hel", "lo"], usage=(7, 2)))
    assert await _parts(provider.base_url) == [
        TextDelta("Hel"),
        TextDelta("lo"),
        Finished("stop", Usage(7, 2)),
    ]
    assert provider.keys == [KEY]
    assert provider.requests[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("whole", [False, True])
async def test_tool_calls_come_in_fragments_or_whole(play: Play, whole: bool) -> None:
    calls = [{"name": "file_search", "arguments": {"query": name}, "id": f"call_{name}"} for name in ("a", "b")]
    provider = play(Turn(calls=calls, whole_calls=whole))
    parts = await _parts(provider.base_url)
    started = [part for part in parts if isinstance(part, CallStarted)]
    assert [(call.index, call.name) for call in started] == [(0, "file_search"), (1, "file_search")]
    if not whole:
        assert [call.id for call in started] == ["call_a", "call_b"]
    assert len({call.id for call in started}) == 2
    for index, name in enumerate("ab"):
        fragments = [part.fragment for part in parts if isinstance(part, CallArguments) and part.index == index]
        assert "".join(fragments) == f'{{"query": "{name}"}}'
    assert isinstance(parts[-1], Finished)
    assert parts[-1].reason == "tool_calls"


@pytest.mark.parametrize("indexes", [(0, 1), (1, 2), (0, 0)])
async def test_indexes_of_tool_calls_may_begin_anywhere_or_repeat(play: Play, indexes: tuple[int, int]) -> None:
    calls = [
        {"name": "file_search", "arguments": f'{{"query": "{at}"}}', "id": f"call_{at}", "index": index}
        for at, index in enumerate(indexes)
    ]
    parts = await _parts(play(Turn(calls=calls)).base_url)
    for at in range(2):
        fragments = [part.fragment for part in parts if isinstance(part, CallArguments) and part.index == at]
        assert "".join(fragments) == f'{{"query": "{at}"}}'


async def test_usage_is_estimated_where_a_server_tells_none(play: Play) -> None:
    parts = await _parts(play(Turn("twelve chars", usage=None)).base_url)
    assert isinstance(parts[-1], Finished)
    assert parts[-1].usage.completion_tokens == 3
    assert parts[-1].usage.prompt_tokens > 0


async def test_parameters_that_a_server_refuses_are_left_out_or_renamed(play: Play) -> None:
    provider = play(Turn("Fine.", refuse=["stream_options", "max_completion_tokens"]), Turn("Again."))
    request = ModelRequest(model="gpt-x", turns=ASK.turns, max_completion_tokens=300)
    parts = await _parts(provider.base_url, request, request)
    assert parts[0] == TextDelta("Again.")
    assert len(provider.requests) == 4  # two refusals, then it is known
    assert "stream_options" not in provider.requests[-1]
    assert provider.requests[-1]["max_tokens"] == 300


async def test_tools_passages_and_turns_reach_the_provider(play: Play) -> None:
    provider = play(Turn("Fine."))
    passages = [Passage("[1]", "a.pdf", "The deposit is 250 euros.", 0.9)]
    request = ModelRequest(
        model="gpt-x", turns=[ModelTurn("system", "Be brief."), *ASK.turns], tools=[SEARCH], passages=passages
    )
    await _parts(provider.base_url, request)
    body = provider.requests[0]
    assert body["tools"][0]["function"]["name"] == "file_search"
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert "[1] a.pdf\nThe deposit is 250 euros." in body["messages"][1]["content"]
    assert body["messages"][1]["content"].endswith("Question: Hello?")


@pytest.mark.parametrize(
    ("turn", "code", "words"),
    [
        (Turn(status=401, error="Incorrect API key provided: {key}"), "server_error", "did not accept the key"),
        (Turn(status=403, error="{key} may not"), "server_error", "[key] may not"),
        (Turn(status=404, error="no such model"), "server_error", "no model named 'gpt-x'"),
        (Turn(status=429, error="quota"), "rate_limit_exceeded", "Wait a little"),
        (Turn(status=500, error="oops"), "server_error", "a problem of its own (HTTP 500): oops"),
        (Turn(status=400, error="maximum context length is 8192"), "invalid_prompt", "longer than 'gpt-x' can read"),
        (Turn(status=400, error="bad {key}"), "invalid_prompt", "bad [key]"),
        (Turn("one two three", drop_after=2), "server_error", "broke"),
        (Turn("one two three", hang_after=2), "server_error", "said nothing for too long"),
        (Turn("late", hang=10), "server_error", "said nothing for too long"),
    ],
)
async def test_a_failure_is_told_with_its_remedy_and_without_the_key(
    play: Play, turn: Turn, code: str, words: str
) -> None:
    provider = play(turn)
    with pytest.raises(ModelError) as failure:
        await _parts(provider.base_url, provider_first_word_timeout_s=0.5, provider_timeout_s=0.5)
    assert failure.value.code == code
    assert words in failure.value.message
    assert KEY not in failure.value.message
    assert failure.value.message.endswith(".")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{closed}/v1", "Nothing answers at 127.0.0.1:"),
        ("http://no-such-host.invalid/v1", "no-such-host.invalid was not found"),
        ("https://127.0.0.1:{open}/v1", "secure connection"),
        ("localhost:11434/v1", "no web address"),
        ("ftp://127.0.0.1/v1", "no web address"),
        ("http://127.0.0.1:99999/v1", "no web address"),
        ("http://[bad/v1", "no web address"),
        ("http:///v1", "no web address"),
        ("http://127.0.0.1:{open}/elsewhere", "no Chat Completions stream"),
    ],
)
async def test_a_wrong_address_is_told_as_what_it_is(play: Play, url: str, words: str) -> None:
    provider = play(Turn("Fine."))
    url = url.format(closed=closed_port(), open=provider.base_url.split(":")[2].split("/")[0])
    if "elsewhere" in url:
        provider.turns[0] = Turn(page="<html>Not an API</html>")
    with pytest.raises(ModelError) as failure:
        await _parts(url)
    assert words in failure.value.message


@pytest.mark.parametrize("key", ["sk-planted\n0123", "schlüssel", "\x00"])
async def test_a_key_that_can_be_none_is_told_without_being_shown(key: str) -> None:
    choice = model_choice(provider_url="http://127.0.0.1:1/v1", provider_key=SecretStr(key))
    with pytest.raises(ModelError, match="Enter it again") as failure:
        await chosen_model(choice)
    assert key not in failure.value.message


async def test_leaving_a_stream_closes_the_providers_connection(play: Play) -> None:
    provider = play(Turn("one two three", hang_after=2))
    choice = _choice(provider.base_url)
    stream: Any = (await chosen_model(choice)).stream(ASK)
    assert await anext(stream) == TextDelta("one ")
    await stream.aclose()
    assert provider.wait_until_left()
    await choice.close()


async def test_a_server_that_never_ends_its_stream_is_left_when_the_model_has_finished(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_model, "LATE_S", 0.3)
    provider = play(Turn("one two", usage=(7, 2), linger=True))
    parts = await _parts(provider.base_url, provider_timeout_s=600)
    assert parts == [TextDelta("one "), TextDelta("two"), Finished("stop", Usage(7, 2))]
    assert provider.wait_until_left()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "this model does not support tools"),
        (404, "No endpoints found that support tool use."),
        (500, "tools param requires --jinja flag"),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    ],
)
async def test_a_model_that_refuses_tools_is_known_from_then_on(play: Play, status: int, error: str) -> None:
    provider = play(Turn(status=status, error=error))
    choice = _choice(provider.base_url)
    model = await chosen_model(choice)
    assert model.calls_tools
    with pytest.raises(ModelError):
        async for _ in model.stream(ModelRequest(model="gpt-x", turns=ASK.turns, tools=[SEARCH])):
            pass
    assert not (await chosen_model(choice)).calls_tools
    assert (await chosen_model(choice, "gpt-y")).calls_tools
    await choice.close()


async def test_the_providers_models_are_listed_and_its_failure_is_readable(play: Play) -> None:
    provider = play(Turn("Fine."))
    choice = _choice(provider.base_url)
    assert [model["id"] for model in await choice.list_models()] == ["deskside-reader", "scripted"]
    await choice.close()
    choice = _choice(f"http://127.0.0.1:{closed_port()}/v1")
    with pytest.raises(ModelError, match="Nothing answers"):
        await choice.list_models()
    await choice.close()


@pytest.mark.parametrize("answer", ["<html>Hello</html>", "[]", '{"data": 7}', '{"data": [7]}', "", "null"])
async def test_a_list_of_models_that_is_none_is_told(answer: str) -> None:
    with ScriptedProvider([Turn("Fine.")], models=answer) as provider:
        choice = _choice(provider.base_url)
        with pytest.raises(ModelError, match="no list of models"):
            await choice.list_models()
        await choice.close()


async def test_what_servers_leave_out_of_a_model_is_put_in() -> None:
    given = [{"id": "a"}, {"id": None}, {"id": "b", "created": "today", "owned_by": 7, "x": 1}]
    with ScriptedProvider([Turn("Fine.")], models=json.dumps({"data": given})) as provider:
        choice = _choice(provider.base_url)
        models = await choice.list_models()
        await choice.close()
    standard = [{name: value for name, value in model.items() if name != "deskside"} for model in models[1:]]
    assert standard == [{"id": name, "object": "model", "created": 0, "owned_by": ""} for name in "ab"]


@pytest.mark.parametrize(("wire", "holds"), [("chat", "messages"), ("responses", "input")])
async def test_the_wire_of_the_settings_is_spoken(play: Play, wire: str, holds: str) -> None:
    provider = play(Turn("Fine."))
    assert TextDelta("Fine.") in await _parts(provider.base_url, provider_wire=wire)
    assert holds in provider.requests[0]


async def test_the_reader_answers_to_its_name_and_without_a_provider_to_every_name() -> None:
    reader: Any = object()
    with_provider = model_choice(reader, provider_url="http://127.0.0.1:1/v1")
    assert await chosen_model(with_provider, "deskside-reader") is reader
    await with_provider.close()
    choice = model_choice(reader)
    assert await chosen_model(choice) is reader
    assert [model["id"] for model in await choice.list_models()] == ["deskside-reader"]
