"""What the window works on: the lists of assistants and threads, which of them are current, and the service's status.

Everything here came over the wire and is read again when the feed says so; nothing is kept but the choice of the
current assistant and thread.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.client.connection import Connection
from desktop_app.client.errors import readable_errors
from desktop_app.window.memory import Memory
from desktop_app.window.model_choice import ModelChoice
from desktop_app.window.tasks import Tasks
from desktop_app.wire.limits import PAGE_LIMIT_MAX

if TYPE_CHECKING:
    from openai.types import VectorStore
    from openai.types.beta import Assistant

    from desktop_app.client.extensions import ThreadEntry
    from desktop_app.wire.extensions import Change, Samples, ServiceStatus

REFRESH_MS = 150
"""Changes that arrive within this time are read together."""

THREADS_SHOWN = 500


class Session(QObject):
    """The signals say what is to be shown again; `changed(Change)` passes the feed on to the other panes."""

    assistants_changed = Signal()
    threads_changed = Signal()
    assistant_selected = Signal()
    thread_selected = Signal()
    status_changed = Signal()
    changed = Signal(object)

    def __init__(self, tasks: Tasks, memory: Memory) -> None:
        super().__init__(tasks)
        self._tasks = tasks
        self._memory = memory
        self.connection: Connection | None = None
        self.assistants: Sequence[Assistant] = ()
        self.threads: Sequence[ThreadEntry] = ()
        self.stores: dict[str, VectorStore] = {}
        self.samples: Samples | None = None
        self.status: ServiceStatus | None = None
        self.assistant_id: str | None = memory.text("current/assistant") or None
        self.thread_id: str | None = memory.text("current/thread") or None
        self.loaded = asyncio.Event()
        self._stale: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self.choice = ModelChoice(self, tasks, REFRESH_MS)

    # What is current

    @property
    def assistant(self) -> "Assistant | None":
        return self.assistant_of(self.assistant_id)

    def assistant_of(self, assistant_id: str | None) -> "Assistant | None":
        return next((each for each in self.assistants if each.id == assistant_id), None)

    @property
    def entry(self) -> "ThreadEntry | None":
        return next((each for each in self.threads if each.id == self.thread_id), None)

    @property
    def store_id(self) -> str | None:
        """The vector store whose files the current assistant answers from."""
        return None if self.assistant is None else store_of(self.assistant)

    @property
    def questions(self) -> Sequence[str]:
        """Suggested questions for an empty conversation with the current assistant."""
        if self.samples is not None and self.samples.assistant_id == self.assistant_id:
            return self.samples.questions
        return ()

    def select_assistant(self, assistant_id: str) -> None:
        """Make an assistant current; a thread of another assistant gives way to an empty conversation."""
        if assistant_id == self.assistant_id:
            return
        self.assistant_id = assistant_id
        if self.entry is not None and self.entry.assistant_id not in (None, assistant_id):
            self.select_thread(None)
        self.assistant_selected.emit()

    def select_thread(self, thread_id: str | None) -> None:
        """Make a thread current, and the assistant that answered in it; None is an empty conversation."""
        if thread_id == self.thread_id:
            return
        self.thread_id = thread_id
        entry = self.entry
        owner = entry.assistant_id if entry is not None else None
        if owner is not None and owner != self.assistant_id and any(each.id == owner for each in self.assistants):
            self.assistant_id = owner
            self.assistant_selected.emit()
        self.thread_selected.emit()

    def adopt_thread(self, thread_id: str) -> None:
        """The empty conversation that is shown has become this thread."""
        self.thread_id = thread_id
        self.choice.adopt(thread_id)
        self._mark("threads")

    def remember(self) -> None:
        self._memory.set_text("current/assistant", self.assistant_id or "")
        self._memory.set_text("current/thread", self.thread_id or "")

    # Reading

    def connect_to(self, connection: Connection) -> None:
        """Work with this service from now on, and read everything."""
        self.connection = connection
        self.choice.forget()
        self._tasks.restart("session.load", self._load_all())

    def disconnect_from_service(self) -> None:
        """There is no service now; what was read stays shown."""
        self.connection = None

    def reload(self) -> None:
        """Read everything that is shown again: changes may have been missed."""
        self._mark("assistants", "threads", "status")

    def notice(self, change: "Change") -> None:
        """Take an entry of the feed."""
        if change.kind in ("assistant", "vector_store"):
            self._mark("assistants")
        elif change.kind == "vector_store_file" and change.action != "changed":
            self._mark("assistants")  # they show how many documents they have
        elif change.kind in ("thread", "message", "run"):
            self._mark("threads")
        elif change.kind == "status":
            self._mark("status")
        self.changed.emit(change)

    def _mark(self, *names: str) -> None:
        self._stale.update(names)
        if not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        if self.connection is None:
            self._stale.clear()
            return
        loads = {"assistants": self.load_assistants, "threads": self.load_threads, "status": self.load_status}
        self._stale = {name for name in self._stale if self._tasks.start(f"session.{name}", loads[name]()) is None}
        if self._stale:  # what is being read now may miss the newest change
            self._timer.start()

    async def _load_all(self) -> None:
        await asyncio.gather(self.load_status(), self.load_threads(), self.load_assistants())
        self.samples = await self.service.extensions.samples()
        if self.samples.created:
            await self.load_assistants()
        self.loaded.set()
        self.assistant_selected.emit()
        self.thread_selected.emit()

    @property
    def service(self) -> Connection:
        """The connection; only for what is done while there is one."""
        if self.connection is None:
            from desktop_app.client.errors import ServiceLostError

            raise ServiceLostError("The service isn't running.")
        return self.connection

    async def load_status(self) -> None:
        self.status = await self.service.extensions.status()
        self.status_changed.emit()

    async def load_threads(self) -> None:
        """The most recent threads, at most THREADS_SHOWN."""
        current = self.thread_id
        entries: list[ThreadEntry] = []
        after: str | None = None
        while len(entries) < THREADS_SHOWN:
            page = await self.service.extensions.threads(limit=PAGE_LIMIT_MAX, after=after)
            entries += page.data
            after = page.last_id
            if not page.has_more:
                break
        self.threads = entries
        # A thread that has become current meanwhile may be younger than this list.
        if current is not None and self.thread_id == current and self.entry is None:
            self.select_thread(None)
        self.threads_changed.emit()

    async def load_assistants(self) -> None:
        service, current = self.service, self.assistant_id
        with readable_errors():
            assistants = [each async for each in service.assistants.list(limit=PAGE_LIMIT_MAX, order="asc")]
            self.stores = {each.id: each async for each in service.openai.vector_stores.list(limit=PAGE_LIMIT_MAX)}
        await self.choice.learn(each.model for each in assistants)
        self.assistants = assistants
        # An assistant that has become current meanwhile may be younger than this list.
        if self.assistant is None and assistants and self.assistant_id == current:
            self.assistant_id = assistants[0].id
            self.assistant_selected.emit()
        self.assistants_changed.emit()


def store_of(assistant: "Assistant") -> str | None:
    """The first vector store of an assistant."""
    resources = assistant.tool_resources.file_search if assistant.tool_resources else None
    return resources.vector_store_ids[0] if resources and resources.vector_store_ids else None
