"""What a model thinks is told apart from what it says, wherever its server puts it, and is never part of the text."""

import json
from typing import Any

import pytest

from desktop_app.models.base import Finished, ModelPart, ReasoningDelta, TextDelta, Usage
from desktop_app.models.remote.thinking import ThinkSplitter
from tests.support.remote import parts_of, remote_model
from tests.support.scripted_provider import ScriptedProvider, Turn


def _split(*pieces: str) -> tuple[str, str]:
    """Thoughts and text."""
    splitter = ThinkSplitter()
    parts = [part for piece in pieces for part in splitter.split(piece)] + list(splitter.rest())
    assert all(part.text for part in parts)
    return _told(parts)


def _told(parts: list[Any]) -> tuple[str, str]:
    thoughts = "".join(part.text for part in parts if isinstance(part, ReasoningDelta))
    return thoughts, "".join(part.text for part in parts if isinstance(part, TextDelta))


@pytest.mark.parametrize(
    ("text", "thoughts", "said"),
    [
        ("<think>Hm. A < b?</think>\n\nYes.", "Hm. A < b?", "Yes."),
        ("\n <think>\nHm.\n</think>Yes. <think>no</think>", "\nHm.\n", "Yes. <think>no</think>"),
        ("<think></think>\n\nYes.", "", "Yes."),
        ("<think>Hm. </thin", "Hm. </thin", ""),
        ("<think>Hm.</think>", "Hm.", ""),
        ("Yes. <think>Hm.</think>", "", "Yes. <think>Hm.</think>"),
        ("<thinker>Yes.", "", "<thinker>Yes."),
        ("<thi", "", "<thi"),
        (" \n", "", " \n"),
        ("  Yes.", "", "  Yes."),
    ],
)
def test_thoughts_at_the_beginning_of_a_text_are_told_apart_however_it_is_cut(
    text: str, thoughts: str, said: str
) -> None:
    assert _split(text) == (thoughts, said)
    assert _split(*text) == (thoughts, said)
    for at in range(1, len(text)):
        assert _split(text[:at], text[at:]) == (thoughts, said)


def _event(delta: Any, finish: str | None = None, **fields: Any) -> str:
    return f"data: {json.dumps({'choices': [{'delta': delta, 'finish_reason': finish}], **fields})}\n\n"


async def _parts(raw: str) -> list[ModelPart]:
    with ScriptedProvider([Turn(raw=raw)]) as provider:
        async with remote_model(provider.base_url) as model:
            return list(await parts_of(model))


@pytest.mark.parametrize(
    "deltas",
    [
        [{"reasoning_content": "Hm. "}, {"reasoning_content": "Well.", "content": None}, {"content": "Yes."}],
        [{"reasoning": "Hm. Well.", "content": ""}, {"content": "Yes.", "reasoning": None}],
        [{"reasoning": "Hm. Well.", "reasoning_details": [{"text": "Hm. Well."}]}, {"content": "Yes."}],
        [{"content": "<th"}, {"content": "ink>Hm. Well.</"}, {"content": "think>Yes."}],
        [
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm. Well."}]}]},
            {"content": "Yes."},
        ],
        [{"reasoning": "Hm. Well.", "content": "Yes."}],
        [{"reasoning_content": "Hm. Well.", "reasoning": {"odd": 1}}, {"content": "Yes."}],
    ],
)
async def test_thoughts_are_read_in_every_dialect(deltas: list[Any]) -> None:
    parts = await _parts("".join(_event(delta) for delta in deltas) + _event({}, "stop"))
    assert _told(parts) == ("Hm. Well.", "Yes.")


async def test_thoughts_alone_are_no_text() -> None:
    parts = await _parts(_event({"content": "<think>Hm."}, "length"))
    assert _told(parts) == ("Hm.", "")
    assert isinstance(parts[-1], Finished)
    assert (parts[-1].reason, parts[-1].usage.completion_tokens) == ("length", 3)


@pytest.mark.parametrize(
    ("details", "cached", "reasoning"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens_details": {"reasoning_tokens": 2}}, 5, 2),
        ({"prompt_tokens_details": {"cached_tokens": None}, "completion_tokens_details": None}, 0, 0),
        ({"prompt_tokens_details": [], "completion_tokens_details": {"reasoning_tokens": "2"}}, 0, 0),
    ],
)
async def test_cached_and_reasoning_tokens_are_counted(details: Any, cached: int, reasoning: int) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 3, **details}
    parts = await _parts(_event({"content": "Yes."}, "stop", usage=usage))
    assert parts[-1] == Finished("stop", Usage(9, 3, cached, reasoning))
