"""Calls that a model makes wrongly are answered to the model, twice in a run; functions reach models without tools."""

import asyncio
from typing import Any

import pytest

from desktop_app.runs.checking import CallCheck
from desktop_app.store.run_steps import step_object
from desktop_app.store.tables import run_steps, runs
from desktop_app.wire.events import Event
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names
from tests.unit.runs.conftest import House, Start, run_events, text_of

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": CITY}}
STRICT = {"type": "function", "function": {"name": "weather", "parameters": CITY, "strict": True}}


def _call(arguments: Any, name: str = "weather", **fields: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments, **fields}


async def _run(house: House, provider: Any, *tools: Any) -> list[Event]:
    house.add_assistant(tools=list(tools) or [WEATHER])
    house.add_thread("How is the weather?")
    return await run_events(house.engine(provider.base_url))


def _error(house: House) -> str:
    (run,) = house.rows(runs)
    assert run["status"] == "failed"
    return str(run["last_error"]["message"])


async def test_arguments_that_are_no_json_are_answered_to_the_model(house: House, scripted: Start) -> None:
    provider = scripted(Turn(calls=[_call('{"city": ')]), Turn(calls=[_call({"city": "Paris"}, id="call_b")]))
    events = await _run(house, provider)
    (asked,) = find(events, "run.requires_action")
    (call,) = asked["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"]["arguments"] == '{"city": "Paris"}'
    first, second = (step_object(step) for step in house.rows(run_steps))
    (wrong,) = first["step_details"]["tool_calls"]
    assert "no JSON" in wrong["function"]["output"]
    assert wrong["function"]["arguments"] == '{"city": '
    assert (first["status"], second["status"]) == ("completed", "in_progress")
    told, answer = provider.requests[1]["messages"][-2:]
    assert told["tool_calls"][0]["function"]["arguments"] == "{}"
    assert answer["content"] == wrong["function"]["output"]


async def test_of_two_calls_the_right_one_waits_for_its_client(house: House, scripted: Start) -> None:
    provider = scripted(
        Turn(calls=[_call("Paris!"), _call({"city": "Rome"}, id="call_b")]), Turn("Rome is dry."), Turn("Over.")
    )
    events = await _run(house, provider)
    (asked,) = find(events, "run.requires_action")
    assert [call["id"] for call in asked["required_action"]["submit_tool_outputs"]["tool_calls"]] == ["call_b"]
    engine = house.engines[-1]
    outputs = [{"tool_call_id": "call_b", "output": "Dry."}]
    run = await asyncio.to_thread(engine.submit, "thread_1", asked["id"], outputs)
    engine.start(run["id"])
    assert text_of([event async for event in engine.stream(run["id"])]) == "Rome is dry."
    results = [message["content"] for message in provider.requests[1]["messages"] if message["role"] == "tool"]
    assert "no JSON" in results[0]
    assert results[1] == "Dry."


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (_call("Paris!"), "The arguments of 'weather' are no JSON"),
        (_call({}, name="browse"), "There is no tool named 'browse'."),
    ],
)
async def test_the_third_wrong_call_ends_the_run_in_words(
    house: House, scripted: Start, call: dict[str, Any], words: str
) -> None:
    provider = scripted(Turn(calls=[call]))
    events = await _run(house, provider)
    assert names(events)[-2:] == ["run.failed", "done"]
    assert "called tools wrongly 3 times" in _error(house)
    assert words in _error(house)
    assert len(provider.requests) == 3


async def test_wrong_calls_before_the_client_was_asked_count_too(house: House, scripted: Start) -> None:
    wrong, right = Turn(calls=[_call("Paris!")]), Turn(calls=[_call({"city": "Rome"}, id="call_b")])
    provider = scripted(wrong, wrong, right, wrong)
    (asked,) = find(await _run(house, provider), "run.requires_action")
    engine = house.engines[-1]
    outputs = [{"tool_call_id": "call_b", "output": "Dry."}]
    run = await asyncio.to_thread(engine.submit, "thread_1", asked["id"], outputs)
    engine.start(run["id"])
    async for _ in engine.stream(run["id"]):
        pass
    assert "called tools wrongly 3 times" in _error(house)


async def test_arguments_that_break_the_schema_reach_the_client_unless_it_is_strict(
    house: House, scripted: Start
) -> None:
    events = await _run(house, scripted(Turn(calls=[_call({"town": "Paris"})])))
    assert len(find(events, "run.requires_action")) == 1


async def test_strict_arguments_that_break_the_schema_are_answered_to_the_model(house: House, scripted: Start) -> None:
    provider = scripted(Turn(calls=[_call({"town": "Paris"})]), Turn("I can't."))
    events = await _run(house, provider, STRICT)
    assert names(events)[-2] == "run.completed"
    assert "'city' is a required property" in provider.requests[1]["messages"][-1]["content"]


async def test_a_model_without_tools_calls_functions_all_the_same(house: House, scripted: Start) -> None:
    provider = scripted(
        Turn(status=400, error="this model does not support tools"),
        Turn('{"tool": "weather", "arguments": {"town": "Paris"}}'),
        Turn('{"tool": "weather", "arguments": {"city": "Paris"}}'),
        Turn('{"answer": "It rains in Paris."}'),
    )
    (asked,) = find(await _run(house, provider), "run.requires_action")
    (call,) = asked["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": '{"city": "Paris"}'}
    assert "'city' is a required property" in provider.requests[2]["messages"][-1]["content"]
    engine = house.engines[-1]
    outputs = [{"tool_call_id": call["id"], "output": "Rain."}]
    run = await asyncio.to_thread(engine.submit, "thread_1", asked["id"], outputs)
    engine.start(run["id"])
    assert text_of([event async for event in engine.stream(run["id"])]) == "It rains in Paris."
    assert provider.requests[3]["messages"][-1] == {"role": "user", "content": "Result of weather:\nRain."}


async def test_a_model_without_tools_is_searched_for_first_and_has_its_functions_too(
    house: House, scripted: Start
) -> None:
    provider = scripted(
        Turn(status=400, error="this model does not support tools"), Turn('{"answer": "It is 250 euros [1]."}')
    )
    house.add_documents("The deposit is 250 euros.")
    house.add_assistant(
        tools=[{"type": "file_search"}, WEATHER], tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}}
    )
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    assert text_of(events).startswith("It is 250 euros 【")
    system, user = provider.requests[1]["messages"]
    assert "- weather:" in system["content"]
    assert "[1] vs_1-1.txt\nThe deposit is 250 euros." in user["content"]


@pytest.mark.parametrize(
    ("parameters", "arguments", "words"),
    [
        (CITY, '{"city": "Paris"}', None),
        (CITY, "", "'city' is a required property"),
        (CITY, '{"city": 7}', "city: 7 is not of type 'string'"),
        (CITY, "[1]", "[1] is not of type 'object'"),
        ({"properties": {"a": {"type": "string", "pattern": "(a+)+$"}}}, '{"a": "' + "a" * 40 + '!"}', None),
        ({"$ref": "http://127.0.0.1:1/schema"}, "{}", None),
        ({"$ref": "#/nowhere"}, "{}", None),
        ({"$ref": "#"}, "{}", None),
        ({"type": "nonsense"}, "{}", None),
        ({"properties": 7}, "{}", None),
        (None, "{}", None),
        ({}, "[" * 100_000, "no JSON"),
    ],
)
def test_a_schema_is_checked_and_one_that_is_none_breaks_nothing(
    parameters: Any, arguments: str, words: str | None
) -> None:
    tool = {"type": "function", "function": {"name": "x", "parameters": parameters, "strict": True}}
    complaint = CallCheck([tool], {"x"}).complaint("x", arguments, all_schemas=False)
    assert complaint is None if words is None else words in str(complaint)
