"""The live feed for listeners that are slow, that stop reading, and that leave."""

import asyncio
from collections.abc import AsyncGenerator

from desktop_app.service.feed import MAX_WAITING, Feed
from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change


async def _listen(feed: Feed, count: int = 1) -> list[AsyncGenerator[Event]]:
    """Subscriptions that have begun and taken their first change."""
    listeners = [feed.subscribe() for _ in range(count)]
    first = [asyncio.create_task(anext(events)) for events in listeners]
    await asyncio.sleep(0)
    feed.publish(Change(kind="thread", id="thread_first"))
    assert [(await each).data["id"] for each in first] == ["thread_first"] * count
    return listeners


async def _publish(feed: Feed, count: int) -> None:
    for number in range(count):
        feed.publish(Change(kind="thread", id=f"thread_{number}"))
    await asyncio.sleep(0)


async def test_a_listener_that_stops_reading_is_let_go_and_nothing_waits_for_it() -> None:
    feed = Feed()
    feed.open()
    stalled, reading = await _listen(feed, 2)
    await _publish(feed, MAX_WAITING)
    assert [(await anext(reading)).data["id"] for _ in range(MAX_WAITING)][-1] == f"thread_{MAX_WAITING - 1}"
    (listener,) = [each for each in feed._listeners if each.waiting]
    await _publish(feed, MAX_WAITING + 1)
    assert listener not in feed._listeners
    assert not listener.waiting
    assert [event async for event in stalled] == []
    await reading.aclose()


async def test_a_listener_that_leaves_is_forgotten() -> None:
    feed = Feed()
    feed.open()
    (leaving,) = await _listen(feed)
    await leaving.aclose()
    assert not feed._listeners


async def test_what_one_has_not_yet_heard_of_as_new_is_only_changed_for_another() -> None:
    feed = Feed()
    feed.open()
    slow, quick = await _listen(feed, 2)
    feed.publish(Change(kind="run", id="run_1", action="created"))
    assert (await anext(quick)).data["action"] == "created"
    feed.publish(Change(kind="run", id="run_1"))
    assert (await anext(quick)).data["action"] == "changed"
    assert (await anext(slow)).data["action"] == "created"
    for listener in (slow, quick):
        await listener.aclose()
