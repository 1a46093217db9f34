"""What a run has done so far, as its model reads it: rebuilt from its steps and messages in the database.

So a run that waits for the outputs of functions holds nothing in memory, and one that a killed service left can go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop_app.models.base import Passage, ToolCall, Turn
from desktop_app.models.prompting import render_passages
from desktop_app.runs import cells
from desktop_app.runs.cells import Produced
from desktop_app.runs.code import code_arguments, render_output
from desktop_app.runs.found import Found, recall
from desktop_app.runs.history import message_text
from desktop_app.runs.searching import TOOL
from desktop_app.store.answers import answers
from desktop_app.store.database import Connection
from desktop_app.store.run_steps import all_steps


@dataclass
class Progress:
    """The run's own turns, which follow the thread's history; empty for a run that has not begun."""

    turns: list[Turn] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    produced: Produced = field(default_factory=Produced)
    passages: list[Passage] | None = None
    """What the engine found before it asked the model; None where it did not search first."""
    answered: bool = False
    """Whether the run has written a message."""

    def add_turn(
        self, text: str, calls: list[ToolCall], outputs: dict[str, str], thoughts: Sequence[dict[str, Any]] = ()
    ) -> None:
        """A turn of the model with what it called; `outputs` by the calls' ids, `thoughts` as its provider gave."""
        self.turns.append(Turn("assistant", text, calls, thoughts=thoughts))
        self.turns.extend(Turn("tool", outputs[call.id], call_id=call.id) for call in calls)


def read_progress(connection: Connection, run_id: str) -> Progress:
    """The progress of a run whose steps are all complete."""
    progress = Progress()
    written = answers(connection, run_id)
    text = ""
    for step in all_steps(connection, run_id):
        details = step["step_details"]
        if details["type"] == "message_creation":
            progress.answered = True
            progress.produced.take_images()
            message = written.get(details["message_creation"]["message_id"])
            text += message_text(message) if message is not None else ""
        else:
            _recall_calls(connection, progress, text, step)
            text = ""
    if text and progress.turns:  # said behind the calls of the last turn
        at = max(at for at, turn in enumerate(progress.turns) if turn.calls)
        progress.turns[at] = replace(progress.turns[at], text=progress.turns[at].text + text)
    return progress


def _recall_calls(connection: Connection, progress: Progress, text: str, step: dict[str, Any]) -> None:
    calls: list[ToolCall] = []
    outputs: dict[str, str] = {}
    for call in step["step_details"]["tool_calls"]:
        if call["type"] == TOOL:
            passages = [progress.found.add(recall(connection, result)) for result in call[TOOL]["results"]]
            progress.found.searched = True
            if call["arguments"] is None:
                progress.passages = passages
                continue
            name, arguments, output = TOOL, call["arguments"], render_passages(passages)
        elif call["type"] == cells.TOOL:
            shown = call[cells.TOOL]["outputs"]
            progress.produced.images += [each["image"]["file_id"] for each in shown if each["type"] == "image"]
            name, arguments, output = cells.TOOL, code_arguments(call[cells.TOOL]["input"]), render_output(call)
        else:
            name, arguments, output = (call["function"][key] for key in ("name", "arguments", "output"))
        calls.append(ToolCall(call["id"], name, arguments))
        outputs[call["id"]] = output
    if calls:
        progress.add_turn(text, calls, outputs, step["thoughts"] or ())
