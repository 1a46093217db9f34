"""Reads server-sent events from the raw bytes of an answer, strictly as the protocol writes them."""

import json
from collections.abc import Sequence
from typing import Any

import httpx2

from desktop_app.wire.events import Event
from tests.support.protocol import check_event

END = b"event: done\ndata: [DONE]\n\n"


def read_stream(http: httpx2.Client, path: str, body: dict[str, Any]) -> list[Event]:
    """The events of a POST with `stream: true`, without the `done` that must end it."""
    with http.stream("POST", path, json={**body, "stream": True}) as answer:
        raw = answer.read()
        assert answer.status_code == 200, raw
        assert answer.headers["content-type"].startswith("text/event-stream")
    return parse_events(raw)


def parse_events(raw: bytes) -> list[Event]:
    """Whole events only, each with the schema of its name, `done` last and nowhere else."""
    assert raw.endswith(END), raw[-200:]
    blocks = [block for block in raw.removesuffix(END).decode().split("\n\n")[:-1] if block != ": heartbeat"]
    events = []
    for block in blocks:
        name, data = block.split("\n")
        events.append(Event(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        check_event(events[-1].name, events[-1].data)
    return events


def names(events: Sequence[Event]) -> list[str]:
    """The events' names without `thread.`, deltas of a kind in a row as one."""
    short = [event.name.removeprefix("thread.") for event in events]
    return [name for at, name in enumerate(short) if not (name.endswith("delta") and at and short[at - 1] == name)]


def find(events: Sequence[Event], name: str) -> list[Any]:
    """The objects of all events with this name, given without `thread.`."""
    return [event.data for event in events if event.name == f"thread.{name}"]
