"""Runs whose time is over, by a clock that the tests move."""

import asyncio
import time

import pytest

from desktop_app.runs.expiry import Clock
from desktop_app.store.tables import messages, run_steps, runs
from tests.support.scripted_provider import Turn
from tests.support.streams import names
from tests.unit.runs.conftest import House, Start, run_events

FUNCTION = {"type": "function", "function": {"name": "weather"}}
CALL = Turn(calls=[{"name": "weather", "arguments": {"city": "Bergen"}}])
LIFETIME_S = 600


class MovedClock(Clock):
    """Real time and what it was moved ahead."""

    ahead = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    async def wait(self, event: asyncio.Event, until: float) -> None:
        await super().wait(event, min(until, self.now() + 0.01))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


async def _until(house: House, status: str) -> None:
    deadline = time.monotonic() + 10
    while house.rows(runs)[-1]["status"] != status:
        assert time.monotonic() < deadline, house.rows(runs)[-1]["status"]
        await asyncio.sleep(0.01)


async def test_a_run_that_waits_for_outputs_expires_and_frees_its_thread(
    house: House, scripted: Start, clock: MovedClock
) -> None:
    house.add_assistant(tools=[FUNCTION])
    house.add_thread("Weather?")
    engine = house.engine(scripted(CALL).base_url, clock=clock)
    events = await run_events(engine)
    assert names(events)[-2:] == ["run.requires_action", "done"]
    clock.ahead = LIFETIME_S - 60
    await asyncio.sleep(0.1)
    assert house.rows(runs)[0]["status"] == "requires_action"
    house.changes.clear()
    clock.ahead = LIFETIME_S
    await _until(house, "expired")
    (run,), (step,) = house.rows(runs), house.rows(run_steps)
    assert (run["required_action"], run["usage"]["total_tokens"]) == (None, 120)
    assert (step["status"], step["usage"]["total_tokens"]) == ("expired", 120)
    await asyncio.sleep(0.1)
    assert [(change.kind, change.id) for change in house.changes] == [("run", run["id"])]
    clock.ahead = 0
    assert names(await run_events(engine))[-2:] == ["run.requires_action", "done"]


async def test_an_answer_expires_in_the_middle_and_its_stream_says_so(
    house: House, scripted: Start, clock: MovedClock
) -> None:
    provider = scripted(Turn("one two three", hang_after=2))
    house.add_assistant()
    house.add_thread("Count.")
    engine = house.engine(provider.base_url, clock=clock)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    events = []
    async for event in engine.stream(run["id"]):
        events.append(event)
        if event.name == "thread.message.delta":
            clock.ahead = LIFETIME_S
    assert names(events)[-5:] == ["message.delta", "message.incomplete", "run.step.expired", "run.expired", "done"]
    assert house.rows(messages)[-1]["incomplete_details"] == {"reason": "run_expired"}
    assert await asyncio.to_thread(provider.wait_until_left)


async def test_the_run_that_expires_first_is_waited_for_though_it_began_last(
    house: House, scripted: Start, clock: MovedClock
) -> None:
    house.add_assistant(tools=[FUNCTION])
    engine = house.engine(scripted(CALL).base_url, clock=clock)
    house.add_thread("Weather?")
    await run_events(engine)
    house.add_thread("Weather?", thread_id="thread_2")
    run = engine.create("thread_2", {"assistant_id": "asst_1"}, timeout_s=20)
    engine.start(run["id"])
    await _until(house, "requires_action")
    clock.ahead = 21
    await _until(house, "expired")
    assert house.rows(runs)[0]["status"] == "requires_action"


async def test_runs_expire_although_the_database_failed_once(
    house: House, scripted: Start, clock: MovedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("desktop_app.runs.expiry.AFTER_FAILURE_S", 0.05)
    house.add_assistant(tools=[FUNCTION])
    house.add_thread("Weather?")
    engine = house.engine(scripted(CALL).base_url, clock=clock)
    await run_events(engine)
    write, failed = house.database.write, []

    def full_disk(**options: bool) -> object:
        if not failed:
            failed.append(True)
            raise OSError("No space left on device")
        return write(**options)

    monkeypatch.setattr(house.database, "write", full_disk)
    clock.ahead = LIFETIME_S
    await _until(house, "expired")
    assert "No space left" in caplog.text
