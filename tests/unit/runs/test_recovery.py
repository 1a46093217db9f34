"""Runs that a killed or stopped process left behind."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from desktop_app.store.tables import messages, run_steps, runs
from tests.support.scripted_provider import Turn
from tests.unit.runs.conftest import House, Start, run_events, text_of


def _kill_when(house: House, url: str, condition: Callable[[], bool]) -> None:
    """Execute a run in another process and kill it as soon as `condition` holds."""
    command = [sys.executable, "-m", "tests.support.run_until_killed", str(house.path), url, "thread_1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while not condition():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            process.kill()


def _text(house: House) -> str:
    content = house.rows(messages)[-1]["content"]
    return str(content[0]["text"]["value"]) if content else ""


async def test_a_killed_answer_keeps_its_text_and_frees_the_thread(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three four five", hang_after=4), Turn("Again."))
    house.add_assistant()
    house.add_thread("Count.")
    _kill_when(house, provider.base_url, lambda: _text(house) == "one two three four ")
    engine = house.engine(provider.base_url)
    await engine.recover()
    (run,) = house.rows(runs)
    assert run["status"] == "failed"
    assert run["last_error"] == {
        "code": "server_error",
        "message": "Deskside was stopped while it was answering. Ask again.",
    }
    answer = house.rows(messages)[-1]
    assert answer["content"][0]["text"]["value"] == "one two three four "
    assert (answer["status"], answer["incomplete_details"]) == ("incomplete", {"reason": "run_failed"})
    assert house.rows(run_steps)[0]["status"] == "failed"
    assert text_of(await run_events(engine)) == "Again."


async def test_a_run_killed_before_its_first_word_goes_on(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Never sent", hang=20), Turn("Here I am."))
    house.add_assistant()
    house.add_thread("Hello?")
    _kill_when(house, provider.base_url, lambda: len(provider.requests) == 1)
    engine = house.engine(provider.base_url)
    await engine.recover()
    (run,) = house.rows(runs)
    events = [event async for event in engine.stream(run["id"])]
    assert text_of(events) == "Here I am."
    assert house.rows(runs)[0]["status"] == "completed"


@pytest.mark.parametrize(
    ("left", "status"),
    [
        ({"status": "cancelling"}, "cancelled"),
        ({"status": "queued", "expires_at": 1}, "expired"),
        ({"status": "requires_action", "expires_at": 1}, "expired"),
    ],
)
async def test_what_was_being_ended_is_ended(house: House, left: dict[str, object], status: str) -> None:
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine()
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    with house.database.write() as connection:
        connection.execute(runs.update().where(runs.c.id == run["id"]).values(**left))
    await house.engine().recover()
    assert house.rows(runs)[0]["status"] == status


async def test_stopping_the_service_ends_its_runs_readably(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three", hang_after=2))
    house.add_assistant()
    house.add_thread("Count.")
    engine = house.engine(provider.base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    events = []
    async for event in engine.stream(run["id"]):
        events.append(event)
        if text_of(events) == "one two " and event.name == "thread.message.delta":
            await engine.close()
    assert house.rows(runs)[0]["status"] == "failed"
    assert house.rows(messages)[-1]["content"][0]["text"]["value"] == "one two "
    assert provider.wait_until_left()


async def test_streamed_text_is_saved_while_it_comes(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three", hang_after=2))
    house.add_assistant()
    house.add_thread("Count.")
    engine = house.engine(provider.base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    stream = engine.stream(run["id"])
    events = [await anext(stream)]
    while text_of(events) != "one two ":
        events.append(await anext(stream))
    await stream.aclose()  # the run goes on without its reader
    await _until(lambda: house.rows(messages)[-1]["content"] != [])
    answer = house.rows(messages)[-1]
    assert (answer["status"], answer["content"][0]["text"]["value"]) == ("in_progress", "one two ")


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_a_run_that_waits_for_outputs_is_left_to_its_client(house: House, scripted: Start) -> None:
    provider = scripted(Turn(calls=[{"name": "weather", "arguments": {}}]), Turn("Sunny."))
    house.add_assistant(tools=[{"type": "function", "function": {"name": "weather"}}])
    house.add_thread("Weather?")
    run = (await run_events(house.engine(provider.base_url)))[-2].data
    (before,) = house.rows(runs)
    engine = house.engine(provider.base_url)
    await engine.recover()
    assert house.rows(runs) == [before]
    outputs = [{"tool_call_id": "call_0", "output": "sun"}]
    engine.submit("thread_1", run["id"], outputs)
    engine.start(run["id"])
    assert text_of([event async for event in engine.stream(run["id"])]) == "Sunny."
