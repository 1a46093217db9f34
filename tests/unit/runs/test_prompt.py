"""What a model reads: history without marks, cut to its limit, and tools in its terms."""

from typing import Any

import pytest

from desktop_app.models.base import ModelError, Turn
from desktop_app.runs.prompt import (
    FILE_SEARCH,
    estimate,
    fit,
    function_tools,
    history_turns,
    system_turns,
    tool_choice,
)


def _message(role: str, text: str, *annotations: tuple[int, int]) -> dict[str, Any]:
    marks = [{"start_index": start, "end_index": end} for start, end in annotations]
    return {"role": role, "content": [{"type": "text", "text": {"value": text, "annotations": marks}}]}


def test_marks_of_earlier_answers_are_not_shown_to_the_model() -> None:
    turns = history_turns([_message("assistant", "It is 250【1:0†a】 euros【1:1†b】.", (9, 16), (22, 29))])
    assert turns == [Turn("assistant", "It is 250 euros.")]


def test_an_image_in_the_newest_message_is_refused_in_words_and_an_older_one_is_skipped() -> None:
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x", "detail": "auto"}}]}
    assert history_turns([image, _message("user", "Hello?")]) == [Turn("user", "Hello?")]
    with pytest.raises(ModelError, match="reads text only"):
        history_turns([image])


def test_the_oldest_turns_are_left_out_where_the_limit_is_short() -> None:
    system, history = [Turn("system", "s" * 40)], [Turn("user", f"{number}" * 400) for number in range(5)]
    run = [Turn("tool", "t" * 40)]
    assert fit(system, history, run, 10_000) == [*system, *history, *run]
    two_fit = sum(map(estimate, [*system, *history[3:], *run]))
    assert fit(system, history, run, two_fit) == [*system, *history[3:], *run]
    assert fit(system, history, run, two_fit - 1) == [*system, history[4], *run]
    assert fit(system, history, run, 50) is None


def test_directions_on_citing_come_with_the_documents_only() -> None:
    assert system_turns("", searches=False) == []
    assert system_turns("Be brief.", searches=False) == [Turn("system", "Be brief.")]
    assert "[1]" in system_turns("Be brief.", searches=True)[0].text


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "file_search"}, {"type": "function", "function": {"name": "file_search"}}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "function", "function": {"name": "weather"}}),
        ({"type": "code_interpreter"}, "auto"),
    ],
)
def test_a_forced_tool_is_a_function_for_the_model(choice: Any, expected: Any) -> None:
    tools = function_tools([{"type": "file_search"}, {"type": "function", "function": {"name": "weather"}}])
    assert [tool.name for tool in tools] == ["weather"]
    assert tool_choice(choice, [*tools, FILE_SEARCH]) == expected
