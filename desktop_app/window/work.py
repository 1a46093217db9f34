"""What models thought and ran before the messages of a thread, kept by the message that came of it. No widgets."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from desktop_app.client.connection import Connection
from desktop_app.client.errors import readable_errors
from desktop_app.window.code_steps import code_items
from desktop_app.window.conversation.items import MessageItem
from desktop_app.wire.answers import READER_PROVIDER
from desktop_app.wire.limits import PAGE_LIMIT_MAX

if TYPE_CHECKING:
    from openai.types.beta.threads import Run
    from openai.types.beta.threads.runs import RunStep

MOST_RUNS = 50
"""Of so many runs, the newest of a thread, steps are read; each takes a request."""

_ENDED = ("completed", "incomplete", "failed", "cancelled", "expired")


class Work:
    """`above(message id)` are the items that stand above a message, `without_message(thread id)` those of runs that
    wrote none below them."""

    def __init__(self) -> None:
        self._above: dict[str, list[MessageItem]] = {}
        self._without_message: dict[str, dict[str, list[MessageItem]]] = {}
        """By thread and run."""
        self._read: set[str] = set()

    def above(self, message_id: str) -> list[MessageItem]:
        return self._above.get(message_id, [])

    def without_message(self, thread_id: str) -> list[list[MessageItem]]:
        """A list per run, oldest first."""
        return sorted(self._without_message.get(thread_id, {}).values(), key=lambda items: items[0].created_at)

    def keep(self, thread_id: str, run_id: str | None, items: Iterable[MessageItem]) -> None:
        """What was streamed of a run, in order."""
        if run_id is not None:
            self._read.add(run_id)
        waiting: list[MessageItem] = []
        for item in items:
            if item.role in ("thoughts", "code"):
                waiting.append(item)
            elif waiting and item.id != run_id:  # which a note has that stands in place of a message
                self._above[item.id], waiting = waiting, []
        self._keep_rest(thread_id, run_id, waiting)

    def _keep_rest(self, thread_id: str, run_id: str | None, items: list[MessageItem]) -> None:
        if run_id is not None and items:
            self._without_message.setdefault(thread_id, {})[run_id] = items

    async def read(self, connection: Connection, thread_id: str, runs: "Iterable[Run]") -> bool:
        """Read those of `runs` that are not known yet; whether there were any. The reader does neither."""
        found = False
        for run in runs:
            if run.id in self._read or run.status not in _ENDED or _is_readers(run):
                continue
            with readable_errors():
                steps = await connection.threads.runs.steps.list(
                    run.id, thread_id=thread_id, order="asc", limit=PAGE_LIMIT_MAX
                )
            items, rest = _of_steps(steps.data, run.started_at)
            self._read.add(run.id)
            self._above |= items
            self._keep_rest(thread_id, run.id, rest)
            found = found or bool(items or rest)
        return found


def _is_readers(run: "Run") -> bool:
    from desktop_app.client.extensions import extension_of

    return extension_of(run).provider_id == READER_PROVIDER


def _of_steps(
    steps: "Iterable[RunStep]", started_at: int | None
) -> tuple[Mapping[str, list[MessageItem]], list[MessageItem]]:
    """What stands above which message, and what no message came after."""
    from desktop_app.client.extensions import step_extension_of

    above: dict[str, list[MessageItem]] = {}
    waiting: list[MessageItem] = []
    before = started_at
    for step in steps:
        if text := step_extension_of(step).reasoning:
            took = max(step.created_at - before, 0) if before is not None else 0
            waiting.append(
                MessageItem(f"{step.id}.thoughts", "thoughts", text, created_at=step.created_at, seconds=took)
            )
        waiting += code_items(step)
        before = step.completed_at
        if waiting and step.step_details.type == "message_creation":
            above[step.step_details.message_creation.message_id] = waiting
            waiting = []
    return above, waiting
