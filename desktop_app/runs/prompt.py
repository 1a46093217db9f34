"""What is asked of a model besides the thread: instructions, and tools in its terms."""

from collections.abc import Sequence
from typing import Any

from desktop_app.models.base import FunctionTool, Turn


def system_turns(instructions: str, guidance: Sequence[str]) -> list[Turn]:
    """The system turn, with the guidance of tools; none when there is nothing to say."""
    text = "\n\n".join(part for part in (instructions, *guidance) if part)
    return [Turn("system", text)] if text else []


def function_tools(tools: Sequence[dict[str, Any]]) -> list[FunctionTool]:
    """The assistant's function tools, as models get them."""
    return [
        FunctionTool(
            name=tool["function"]["name"],
            description=tool["function"].get("description") or "",
            parameters=tool["function"].get("parameters") or {"type": "object", "properties": {}},
            strict=tool["function"].get("strict"),
        )
        for tool in tools
        if tool["type"] == "function"
    ]


def tool_choice(choice: Any, tools: Sequence[FunctionTool]) -> Any:
    """The protocol's `tool_choice` in the terms of models, to whom all tools are functions.

    A tool that is not offered (a search without stores, or done already) can't be forced.
    """
    if isinstance(choice, dict):
        name = choice["function"]["name"] if choice["type"] == "function" else choice["type"]
        offered = any(tool.name == name for tool in tools)
        return {"type": "function", "function": {"name": name}} if offered else "auto"
    return choice
