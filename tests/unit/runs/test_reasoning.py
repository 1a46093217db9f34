"""What a model thinks is told to those who ask, kept with the steps of the run, and never part of a message."""

import asyncio
from typing import Any

from desktop_app.runs.engine import RunEngine
from desktop_app.store.run_steps import step_object
from desktop_app.store.runs import run_object
from desktop_app.store.tables import messages, run_steps, runs
from desktop_app.wire.events import REASONING_DELTA, Event
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names
from tests.unit.runs.conftest import House, Start, run_events, text_of

FUNCTION = {"type": "function", "function": {"name": "weather"}}
CALL = [{"name": "weather", "arguments": {"city": "Paris"}}]


async def _with_reasoning(engine: RunEngine, run: dict[str, Any]) -> list[Event]:
    engine.start(run["id"])
    return [event async for event in engine.stream(run["id"], reasoning=True)]


async def _run(engine: RunEngine) -> list[Event]:
    return await _with_reasoning(
        engine, await asyncio.to_thread(engine.create, "thread_1", {"assistant_id": "asst_1"})
    )


def _thought(events: list[Event]) -> str:
    return "".join(event.data["text"] for event in events if event.name == REASONING_DELTA)


async def test_those_who_ask_are_told_before_the_step_that_keeps_it(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris.", thoughts=["Hm. ", "France?"], details=(60, 15)))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    events = await _run(house.engine(provider.base_url))
    assert _thought(events) == "Hm. France?"
    assert names(events)[3:5] == [REASONING_DELTA.removeprefix("thread."), "run.step.created"]
    assert find(events, "run.step.created")[0]["deskside"]["reasoning"] == "Hm. France?"
    assert text_of(events) == "Paris."
    (step,) = house.rows(run_steps)
    (run,) = house.rows(runs)
    for shown in (step_object(step), run_object(run)):
        assert shown["usage"] == {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        assert shown["deskside"]["usage"] == {"cached_tokens": 60, "reasoning_tokens": 15}
    assert step_object(step)["deskside"]["reasoning"] == "Hm. France?"
    assert "Hm." not in str(house.rows(messages))


async def test_others_see_the_stream_that_the_protocol_knows(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris.", thoughts=["Hm."]), Turn("Paris."))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    engine = house.engine(provider.base_url)
    thinking, plain = await run_events(engine), await run_events(engine)
    assert names(thinking) == names(plain)


async def test_a_run_says_that_it_thinks(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris.", thoughts=["Hm. "] * 3, rate=20))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    engine = house.engine(provider.base_url)
    said: list[str] = []
    house.on_change = lambda change: said.append(engine.status_text(change.id)) if change.kind == "run" else None
    await run_events(engine)
    assert list(dict.fromkeys(filter(None, said))) == ["Writing the answer...", "Thinking..."]
    assert said.index("Thinking...") < len(said) - 1 - said[::-1].index("Writing the answer...")


async def test_thoughts_behind_the_last_step_join_it(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris.", thoughts=["Hm."], thoughts_last=True))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    await _run(house.engine(provider.base_url))
    (step,) = house.rows(run_steps)
    assert step["reasoning"] == "Hm."


async def test_thoughts_go_back_to_their_provider_with_the_calls_they_led_to(house: House, scripted: Start) -> None:
    provider = scripted(Turn(thoughts=["Rain?"], calls=CALL), Turn("It rains.", thoughts=["So."]))
    house.add_assistant(tools=[FUNCTION])
    house.add_thread("How is the weather?")
    engine = house.engine(provider.base_url, provider_wire="responses")
    events = await _run(engine)
    assert names(events)[-1] == "done"
    (asked,) = find(events, "run.requires_action")
    outputs = [{"tool_call_id": "call_0", "output": "Rain."}]
    events = await _with_reasoning(engine, await asyncio.to_thread(engine.submit, "thread_1", asked["id"], outputs))
    assert text_of(events) == "It rains."
    *_, thought, call, output = provider.requests[1]["input"]
    assert thought["encrypted_content"] == "secret Rain?"
    assert (call["type"], output["output"]) == ("function_call", "Rain.")
    first, second = (step_object(step) for step in house.rows(run_steps))
    assert (first["deskside"]["reasoning"], second["deskside"]["reasoning"]) == ("Rain?", "So.")
    assert "secret" not in str(first)
