"""Whatever stands in a field of what a provider sends, it is read, or told as a fault: nothing else is raised."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from desktop_app.models.chat.wire import CHAT
from desktop_app.models.remote.faults import AnswerError
from desktop_app.models.remote.wire import Wire
from desktop_app.models.responses.wire import RESPONSES
from tests.support.remote import question
from tests.support.scripted_provider import Turn
from tests.support.scripted_wires import script

ODD: list[Any] = [None, 7, -1, True, "odd", "", [], [7], [None], {}, {"text": 7}, [{"text": []}]]
TURN = Turn("Fine.", thoughts=["Hm."], calls=[{"name": "weather", "arguments": "{}"}], details=(1, 2))
WHOLE = {
    "object": "response",
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
    "error": None,
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"text": "Hm."}], "encrypted_content": "x"},
        {"type": "message", "content": [{"type": "output_text", "text": "Fine."}, {"refusal": "No."}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": "{}"},
    ],
}


def _events(wire: Wire) -> list[dict[str, Any]]:
    asked = {"model": "x", "stream_options": {"include_usage": True}, "include": ["reasoning.encrypted_content"]}
    played = script(wire.path, TURN, asked)
    raw = (played.begin + b"".join(played.deltas) + played.end).decode()
    return [json.loads(line.removeprefix("data: ")) for line in raw.split("\n") if line.startswith("data: {")]


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from _places(value, (*path, key))


def _with(event: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(event)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


def _read(wire: Wire, events: list[dict[str, Any]]) -> None:
    reading = wire.reading(question())
    try:
        for event in events:
            reading.read(event)
        reading.finish()
    except AnswerError:
        pass


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=lambda wire: wire.name)
def test_a_stream_with_one_odd_field_is_read_or_told(wire: Wire) -> None:
    events = _events(wire)
    _read(wire, events)
    tried = 0
    for at, event in enumerate(events):
        for path in _places(event):
            for odd in ODD:
                _read(wire, [*events[:at], _with(event, path, odd), *events[at + 1 :]])
                tried += 1
    assert tried > 500


def test_a_whole_response_with_one_odd_field_is_read_or_told() -> None:
    for path in _places(WHOLE):
        for odd in ODD:
            _read(RESPONSES, [_with(WHOLE, path, odd)])
