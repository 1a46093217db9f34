"""One streamed run as its events arrive: what to show for each, and what the run is doing. No I/O, no widgets."""

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop_app.client.extensions import extension_of
from desktop_app.window.code_steps import code_id, code_items
from desktop_app.window.conversation.code import cell_markdown
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.messages import citation_marks, item_of
from desktop_app.wire import events

if TYPE_CHECKING:
    from openai.types.beta import AssistantStreamEvent


@dataclass(frozen=True)
class Appended:
    item: MessageItem


@dataclass(frozen=True)
class TextAdded:
    message_id: str
    text: str


@dataclass(frozen=True)
class Replaced:
    item: MessageItem


Update = Appended | TextAdded | Replaced

SENDING = "Sending the question…"
WAITING = "Waiting for the assistant…"
CODING = "Running code…"
SEARCHING = "Searching the documents…"
THINKING = "Thinking…"
WRITING = "Writing…"
STOPPING = "Stopping…"

_ENDS = {
    events.RUN_COMPLETED,
    events.RUN_FAILED,
    events.RUN_CANCELLED,
    events.RUN_EXPIRED,
    events.RUN_INCOMPLETE,
    events.RUN_REQUIRES_ACTION,
}


def is_remedied_in_settings(reason: str) -> bool:
    """Whether the remedy that a sentence of ours names is in the Settings dialog."""
    named = re.search(r"\bSettings\b|\bprovider's (?:new )?(?:key|address)\b", reason)
    return named is not None and "DESKSIDE_" not in reason


def failure(note_id: str, reason: str) -> MessageItem:
    """What stands in the place of an answer that never began."""
    in_settings = is_remedied_in_settings(reason)
    return MessageItem(note_id, "assistant", "", (), "failed", reason, in_settings=in_settings)


class Answer:
    """`status_text` says what the run is doing; `ended` is true after its last event."""

    def __init__(self) -> None:
        self.run_id: str | None = None
        self.status_text = SENDING
        self.ended = False
        self.items: dict[str, MessageItem] = {}
        self._thoughts: str | None = None
        """The item of what is being thought now."""
        self._thinking_since = 0.0
        self._cells: dict[str, list[str]] = {}
        """Code and output of the cells so far."""

    def apply(self, event: "AssistantStreamEvent") -> list[Update]:
        """Take one event and answer what changes in the conversation."""
        name, data = str(event.event), event.data
        if name == events.REASONING_DELTA:
            return self._think(str(getattr(data, "text", "")))
        if name == events.STEP_DELTA:
            return self._add_code(data)
        if name.startswith("thread.run.step."):
            return self._follow_step(name, data)
        if name.startswith("thread.run."):
            return self._follow_run(name, data)
        if name == events.MESSAGE_CREATED:
            self.status_text = WRITING
            return [self._append(item_of(data))]  # type: ignore[arg-type]  # the event's name says which object it is
        if name == events.MESSAGE_DELTA:
            return self._add_delta(data)
        if name in (events.MESSAGE_COMPLETED, events.MESSAGE_INCOMPLETE):
            return [self._replace(item_of(data))]  # type: ignore[arg-type]  # likewise
        return []

    def fail(self, reason: str) -> list[Update]:
        """The run can't go on: its text is marked, or a note stands in its place; either offers to retry."""
        self.ended = True
        thoughts = [*self._end_thoughts(), *self._end_code()]
        written = next((item for item in reversed(self.items.values()) if item.role == "assistant"), None)
        if written is not None:
            failed = replace(written, status="failed", note=reason, in_settings=is_remedied_in_settings(reason))
            return [*thoughts, self._replace(failed)]
        return [*thoughts, self._append(failure(self.run_id or "failed", reason))]

    def _think(self, text: str) -> list[Update]:
        """More of what the model thinks, which stands above the step or message that it comes to."""
        self.status_text = THINKING
        if self._thoughts is not None:
            item = self.items[self._thoughts]
            self.items[item.id] = replace(item, text=item.text + text)
            return [TextAdded(item.id, text)]
        self._thoughts = f"{self.run_id}.thoughts.{len(self.items)}"
        self._thinking_since = time.monotonic()
        return [
            self._append(MessageItem(self._thoughts, "thoughts", text, (), "in_progress", created_at=int(time.time())))
        ]

    def _end_thoughts(self) -> list[Update]:
        if self._thoughts is None:
            return []
        item, self._thoughts = self.items[self._thoughts], None
        seconds = max(round(time.monotonic() - self._thinking_since), 1)
        return [self._replace(replace(item, status="completed", seconds=seconds))]

    def _follow_run(self, name: str, run: Any) -> list[Update]:
        self.run_id = run.id
        self.ended = name in _ENDS
        if told := extension_of(run).status_text:
            self.status_text = told
        elif name in (events.RUN_CREATED, events.RUN_QUEUED, events.RUN_IN_PROGRESS):
            self.status_text = WAITING
        elif name == events.RUN_CANCELLING:
            self.status_text = STOPPING
        if name == events.RUN_FAILED:
            return self.fail(run.last_error.message if run.last_error else "The answer failed.")
        if name == events.RUN_EXPIRED:
            return self.fail("The answer took too long and was ended.")
        if name == events.RUN_REQUIRES_ACTION:
            return self.fail("The assistant asks for a function that this window can't run.")
        return self._end_thoughts() if self.ended else []

    def _follow_step(self, name: str, step: Any) -> list[Update]:
        if name == events.STEP_CREATED:
            self.status_text = SEARCHING if step.type == "tool_calls" else WRITING
            return self._end_thoughts()
        if name == events.STEP_COMPLETED and step.type == "tool_calls":
            self.status_text = WAITING
        return [] if name == events.STEP_IN_PROGRESS else [self._replace(item) for item in code_items(step)]

    def _add_code(self, delta: Any) -> list[Update]:
        """More of the cells of a step: what the model writes, and what they print."""
        updates = []
        for call in getattr(delta.delta.step_details, "tool_calls", None) or ():
            if call.type != "code_interpreter" or call.code_interpreter is None:
                continue
            self.status_text = CODING
            written = self._cells.setdefault(code_id(delta.id, call.index), ["", ""])
            written[0] += call.code_interpreter.input or ""
            for output in call.code_interpreter.outputs or ():
                written[1] += output.logs or "" if output.type == "logs" else ""
            code, printed = written
            text, now = cell_markdown(code, printed), int(time.time())
            item = MessageItem(code_id(delta.id, call.index), "code", text, (), "in_progress", created_at=now)
            updates.append(self._replace(item))
        return updates

    def _add_delta(self, delta: Any) -> list[Update]:
        item = self.items.get(delta.id)
        if item is None:
            return []
        added, marks, pictures = "", [], item.pictures
        for part in delta.delta.content or ():
            if part.type == "image_file" and part.image_file is not None:
                pictures = (*pictures, part.image_file.file_id)
            if part.type == "text" and part.text is not None:
                added += part.text.value or ""
                marks += citation_marks(part.text.annotations)
        grown = replace(item, text=item.text + added, citations=(*item.citations, *marks), pictures=pictures)
        self.items[item.id] = grown
        # A citation changes text that is shown already: its marker becomes a chip.
        return (
            [Replaced(grown)] if marks or pictures != item.pictures else [TextAdded(item.id, added)] if added else []
        )

    def _end_code(self) -> list[Update]:
        """Cells that nothing more is heard of."""
        running = [item for item in self.items.values() if item.role == "code" and item.status == "in_progress"]
        return [self._replace(replace(item, status="stopped")) for item in running]

    def _append(self, item: MessageItem) -> Update:
        self.items[item.id] = item
        return Appended(item)

    def _replace(self, item: MessageItem) -> Update:
        known = item.id in self.items
        self.items[item.id] = item
        return Replaced(item) if known else Appended(item)
