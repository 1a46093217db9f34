"""A model that knows no calls is offered functions in words, held to a schema where its server can, and understood."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    ModelError,
    ModelPart,
    ModelRequest,
    Passage,
    ReasoningDelta,
    TextDelta,
    ToolCall,
)
from desktop_app.models.base import Turn as ModelTurn
from desktop_app.models.prompted import prompted_stream
from tests.support.remote import parts_of, question, remote_model
from tests.support.scripted_provider import ScriptedProvider, Turn

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = FunctionTool("weather", "Tells the weather.", CITY)
TIME = FunctionTool("time", "Tells the time.", {"type": "object", "properties": {}})
ASK = question("How is the weather?", tools=[WEATHER, TIME])


async def _read(*pieces: str, request: ModelRequest = ASK) -> tuple[list[ModelPart], ModelRequest]:
    """The parts of a model that writes these pieces, and what it was asked."""
    asked: list[ModelRequest] = []

    async def model(given: ModelRequest) -> AsyncGenerator[ModelPart]:
        asked.append(given)
        for piece in pieces:
            yield TextDelta(piece)
        yield Finished()

    return [part async for part in prompted_stream(model, request)], asked[0]


def _text(parts: list[ModelPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta))


def _calls(parts: list[ModelPart]) -> list[tuple[str, str]]:
    started = [part for part in parts if isinstance(part, CallStarted)]
    assert [call.index for call in started] == list(range(len(started)))
    arguments = [part.fragment for part in parts if isinstance(part, CallArguments)]
    return list(zip([call.name for call in started], arguments, strict=True))


PARIS = ("weather", '{"city": "Paris"}')


@pytest.mark.parametrize(
    ("written", "calls", "text"),
    [
        ('{"tool": "weather", "arguments": {"city": "Paris"}}', [PARIS], ""),
        ('```json\n{"tool": "weather",\n "arguments": {"city": "Paris"}}\n```\n', [PARIS], ""),
        ('Let me see. {"tool": "weather", "arguments": {"city": "Paris"}} Done.', [PARIS], "Let me see. "),
        ('{"name": "weather", "parameters": {"city": "Paris"}}', [PARIS], ""),
        ('{"tool": "weather", "arguments": "{\\"city\\": \\"Paris\\"}"}', [PARIS], ""),
        ('[{"tool": "weather", "arguments": {"city": "Paris"}}, {"tool": "time"}]', [PARIS, ("time", "{}")], ""),
        ('{"tool": "browse", "arguments": {}}', [("browse", "{}")], ""),
        ('{"answer": "It rains in {Paris} 😀.\\n\\"Much.\\""}', [], 'It rains in {Paris} 😀.\n"Much."'),
        ('{"answer": "It rains', [], "It rains"),
        ('```\n{"answer": "It rains."}\n```', [], "It rains."),
        ('{"answer": {"rain": true}}', [], '{"rain": true}'),
        ("It rains in Paris [1]. ", [], "It rains in Paris [1]. "),
        ("Use `print` or ``x``.", [], "Use `print` or ``x``."),
        ("In C: int main() { return 0; }", [], "In C: int main() { return 0; }"),
        ("```python\nprint({1: 2})\n```", [], "```python\nprint({1: 2})\n```"),
        ('{"rain": true}', [], '{"rain": true}'),
        ("", [], ""),
    ],
)
async def test_what_a_model_writes_is_understood_however_it_is_cut(
    written: str, calls: list[tuple[str, str]], text: str
) -> None:
    for pieces in ([written], list(written), [written[at : at + 7] for at in range(0, len(written), 7)]):
        parts, _ = await _read(*pieces)
        assert _calls(parts) == calls
        assert _text(parts) == text
        assert isinstance(parts[-1], Finished)


async def test_a_call_that_is_no_json_is_passed_on_for_the_model_to_be_told() -> None:
    parts, _ = await _read('{"tool": "weather", "arguments": {"city": ')
    assert _calls(parts) == [("weather", '{"tool": "weather", "arguments": {"city": ')]


async def test_plain_words_are_let_out_while_they_are_written() -> None:
    parts, _ = await _read("Use `", "print` or ``", "x`` [1", "].")
    assert [part.text for part in parts if isinstance(part, TextDelta)] == ["Use", " `print` or", " ``x`` [1", "]."]


async def test_an_answer_is_let_out_while_it_is_written() -> None:
    parts, _ = await _read('{"ans', 'wer": "It ', "rai", 'ns \\', 'n', '\\ud83d', '\\ude00."', "}")  # fmt: skip
    assert [part.text for part in parts if isinstance(part, TextDelta)][:2] == ["It ", "rai"]
    assert _text(parts) == "It rains \n😀."


async def test_thoughts_pass() -> None:
    async def model(given: ModelRequest) -> AsyncGenerator[ModelPart]:
        yield ReasoningDelta("Hm {")
        yield TextDelta("Yes.")
        yield Finished()

    parts = [part async for part in prompted_stream(model, ASK)]
    assert parts == [ReasoningDelta("Hm {"), TextDelta("Yes."), Finished()]


async def test_functions_calls_and_results_are_put_into_words() -> None:
    turns = [
        ModelTurn("system", "Be brief."),
        ModelTurn("user", "How is the weather?"),
        ModelTurn("assistant", "Let me see.", [ToolCall("call_1", "weather", '{"city": "Paris"}')]),
        ModelTurn("tool", "Rain.", call_id="call_1"),
    ]
    request = replace(ASK, turns=turns, passages=[Passage("[1]", "a.pdf", "Paris is wet.", 0.9)])
    _, asked = await _read("It rains.", request=request)
    system, user, assistant, result = asked.turns
    assert "- weather: Tells the weather." in system.text
    assert '"required": ["city"]' in system.text
    assert system.text.endswith("Be brief.")
    assert "[1] a.pdf\nParis is wet." in user.text
    assert user.text.endswith("Question: How is the weather?")
    assert assistant.text == 'Let me see.\n{"tool": "weather", "arguments": {"city": "Paris"}}'
    assert (result.role, result.text) == ("user", "Result of weather:\nRain.")
    assert not asked.tools
    assert not asked.passages
    assert not assistant.calls


def _allows(request: ModelRequest, given: Any) -> bool:
    schema = request.response_format["json_schema"]["schema"]
    return bool(jsonschema.Draft202012Validator(schema).is_valid(given))


async def test_the_schema_allows_what_the_choice_of_tools_allows() -> None:
    call = {"tool": "weather", "arguments": {"city": "Paris"}}
    answer = {"answer": "It rains."}
    _, free = await _read(request=ASK)
    assert _allows(free, call)
    assert _allows(free, answer)
    assert not _allows(free, {"tool": "weather", "arguments": {}})
    assert not _allows(free, {"tool": "browse", "arguments": {}})
    _, must = await _read(request=replace(ASK, tool_choice="required"))
    assert _allows(must, call)
    assert not _allows(must, answer)
    assert "Call one of them now." in must.turns[0].text
    _, one = await _read(request=replace(ASK, tool_choice={"type": "function", "function": {"name": "time"}}))
    assert not _allows(one, call)
    _, none = await _read(request=replace(ASK, tool_choice="none"))
    assert none.response_format is None
    assert "weather" not in none.turns[0].text.lower().replace("how is the weather?", "")
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": CITY}}
    _, typed = await _read(request=replace(ASK, response_format=wanted))
    assert _allows(typed, {"answer": {"city": "Paris"}})
    assert not _allows(typed, answer)


NO_TOOLS = Turn(status=400, error="this model does not support tools")


async def _turns(*turns: Turn, times: int = 2) -> tuple[list[ModelPart], list[dict[str, Any]]]:
    """The parts of the last of the answers, behind a refusal of tools, and all that was asked."""
    with ScriptedProvider([NO_TOOLS, *turns]) as provider:
        async with remote_model(provider.base_url) as model:
            with pytest.raises(ModelError):
                await parts_of(model, ASK)
            assert not model.calls_tools
            for _ in range(times - 1):
                parts = list(await parts_of(model, ASK))
        return parts, provider.requests


async def test_a_provider_that_refuses_tools_is_asked_in_words_and_with_a_schema() -> None:
    parts, requests = await _turns(Turn('{"tool": "weather", "arguments": {"city": "Paris"}}'))
    assert _calls(parts) == [PARIS]
    assert "tools" in requests[0]
    assert "tools" not in requests[1]
    assert requests[1]["response_format"]["type"] == "json_schema"


async def test_a_server_without_schemas_is_asked_for_json_and_one_without_that_for_nothing() -> None:
    no_schema = Turn(status=400, error="response_format: json_schema is not supported")
    no_format = Turn(status=400, error="Unknown parameter: response_format")
    said = Turn('Sure. {"tool": "weather", "arguments": {"city": "Paris"}}')
    parts, requests = await _turns(no_schema, no_format, said, times=3)
    assert _calls(parts) == [PARIS]
    formats = [request.get("response_format", {}).get("type") for request in requests]
    assert formats == [None, "json_schema", "json_object", None, None]


async def test_a_format_that_the_client_wants_is_never_left_out() -> None:
    refusal = Turn(status=400, error="Unknown parameter: response_format")
    with ScriptedProvider([refusal, Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url) as model:
            with pytest.raises(ModelError, match="response_format"):
                await parts_of(model, question(response_format={"type": "json_object"}))
