"""The events of a run for readers that come late, are slow, leave, or want fewer of them."""

import asyncio
import time

from desktop_app.runs.channel import RunChannel
from desktop_app.wire.events import Event
from tests.support.streams import names
from tests.unit.runs.conftest import text_of

OPENED = Event("thread.message.created", {"id": "msg_1"})
CLOSED = Event("thread.message.completed", {"id": "msg_1"})


async def _collect(channel: RunChannel, coalesce_ms: int = 0) -> list[Event]:
    return [event async for event in channel.subscribe(coalesce_ms)]


async def _write(channel: RunChannel, pieces: int, pause_s: float = 0.0) -> None:
    channel.send(OPENED)
    for number in range(pieces):
        channel.send_text("msg_1", f"{number} ")
        await asyncio.sleep(pause_s)
    _end(channel)


def _end(channel: RunChannel) -> None:
    channel.send_text("msg_1", "【0:0†a】", {"index": 0, "text": "【0:0†a】"})
    channel.send_text("msg_1", "end")
    channel.send(CLOSED)
    channel.close()


def _deltas(events: list[Event]) -> int:
    return sum(event.name == "thread.message.delta" for event in events)


TEXT = "".join(f"{number} " for number in range(100)) + "【0:0†a】end"
ORDER = ["message.created", "message.delta", "message.completed", "done"]


async def test_everyone_reads_the_same_text_in_the_same_order() -> None:
    channel = RunChannel()
    readers = [asyncio.create_task(_collect(channel)) for _ in range(3)]
    await _write(channel, 100)
    late = await _collect(channel)
    for events in [*[await reader for reader in readers], late]:
        assert names(events) == ORDER
        assert text_of(events) == TEXT
    assert _deltas(await readers[0]) == 102
    assert _deltas(late) == 3


async def test_one_that_joins_in_the_middle_gets_what_was_joined_and_then_each_piece() -> None:
    channel = RunChannel()
    channel.send(OPENED)
    reading = None
    for number in range(100):
        channel.send_text("msg_1", f"{number} ")
        if number == 49:
            reading = asyncio.create_task(_collect(channel))
        await asyncio.sleep(0)
    _end(channel)
    assert reading is not None
    events = await reading
    assert text_of(events) == TEXT
    assert _deltas(events) == 1 + 50 + 2


async def test_a_slow_reader_gets_few_large_deltas() -> None:
    channel = RunChannel()
    reader = channel.subscribe()
    channel.send(OPENED)
    events = [await anext(reader)]
    for number in range(100):
        channel.send_text("msg_1", f"{number} ")
        if number % 25 == 24:
            events.append(await anext(reader))
    _end(channel)
    events += [event async for event in reader]
    assert text_of(events) == TEXT
    assert _deltas(events) == 4 + 2


async def test_joined_deltas_keep_their_distance_and_end_without_delay() -> None:
    channel = RunChannel()
    reading = asyncio.create_task(_collect(channel, coalesce_ms=50))
    started = time.monotonic()
    await _write(channel, 100, 0.001)
    events = await reading
    assert text_of(events) == TEXT
    assert _deltas(events) <= 3 + (time.monotonic() - started) / 0.05


async def test_only_the_first_delta_of_a_message_lists_annotations() -> None:
    channel = RunChannel()
    channel.send_text("msg_1", "one")
    channel.send(CLOSED)
    channel.send_text("msg_2", "two")
    channel.send_text("msg_1", "more")
    channel.close()
    texts = [event.data["delta"]["content"][0]["text"] for event in await _collect(channel) if "delta" in event.name]
    assert texts == [{"value": "one", "annotations": []}, {"value": "two", "annotations": []}, {"value": "more"}]


async def test_a_reader_that_leaves_disturbs_nobody() -> None:
    channel = RunChannel()
    leaving = channel.subscribe()
    channel.send(OPENED)
    assert (await anext(leaving)) == OPENED
    await leaving.aclose()
    await _write(channel, 3)
    assert names(await _collect(channel))[-1] == "done"


async def test_arguments_of_calls_are_joined_for_late_readers_each_with_its_own() -> None:
    channel = RunChannel()
    for call, fragments in ((0, '{"a"'), (0, ": 1}"), (1, "{"), (0, " "), (1, "}")):
        channel.send_part("step_1", call, "arguments", fragments)
    channel.close()
    *events, done = await _collect(channel)
    calls = [event.data["delta"]["step_details"]["tool_calls"] for event in events]
    assert [(call["index"], call["function"]) for (call,) in calls] == [
        (0, {"arguments": '{"a": 1}'}),
        (1, {"arguments": "{"}),
        (0, {"arguments": " "}),
        (1, {"arguments": "}"}),
    ]
    assert done.name == "done"
