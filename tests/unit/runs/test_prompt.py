"""What is asked of a model: turns cut to their limit, and tools in its terms."""

from typing import Any

import pytest

from desktop_app.models.base import Image, Turn
from desktop_app.runs.prompt import (
    FILE_SEARCH,
    estimate,
    fit,
    function_tools,
    system_turns,
    tool_choice,
)


def test_the_oldest_turns_are_left_out_where_the_limit_is_short() -> None:
    system, history = [Turn("system", "s" * 40)], [Turn("user", f"{number}" * 400) for number in range(5)]
    run = [Turn("tool", "t" * 40)]
    assert fit(system, history, run, 10_000) == [*system, *history, *run]
    two_fit = sum(map(estimate, [*system, *history[3:], *run]))
    assert fit(system, history, run, two_fit) == [*system, *history[3:], *run]
    assert fit(system, history, run, two_fit - 1) == [*system, history[4], *run]
    assert fit(system, history, run, 50) is None


def test_an_image_counts_as_the_tokens_that_it_costs() -> None:
    seen = Turn("user", "Look", images=(Image("https://example.org/a.png"),))
    assert estimate(seen) > estimate(Turn("user", "Look")) + 500


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
