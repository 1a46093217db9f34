"""What is asked of a model besides the thread: instructions, and tools in its terms."""

from typing import Any

import pytest

from desktop_app.models.base import Turn
from desktop_app.runs.prompt import function_tools, system_turns, tool_choice
from desktop_app.runs.searching import FileSearch


def test_directions_on_citing_come_with_the_documents_only() -> None:
    assert system_turns("", []) == []
    assert system_turns("Be brief.", []) == [Turn("system", "Be brief.")]
    assert "[1]" in system_turns("Be brief.", [FileSearch.guidance])[0].text


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
    assert tool_choice(choice, [*tools, FileSearch.offered]) == expected
