"""Which model answers the next question, and where the question would go.

A thread's own choice comes first, then the assistant's model. The service says where a question to that model would
go, so that what a person reads before sending is what will happen. A thread keeps its choice in its metadata.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.client.errors import RefusedError, readable_errors
from desktop_app.window.tasks import Tasks

if TYPE_CHECKING:
    from desktop_app.client.models import ModelEntry
    from desktop_app.window.session import Session
    from desktop_app.wire.extensions import Change
    from desktop_app.wire.models import ModelExtension

MODEL_KEY = "model"
"""The key of a thread's metadata that holds the model chosen for this thread."""


class ModelChoice(QObject):
    """`changed()`: another model answers, or it is known where the question goes; `models_changed()`: the list."""

    changed = Signal()
    models_changed = Signal()

    def __init__(self, session: "Session", tasks: Tasks, refresh_ms: int) -> None:
        super().__init__(session)
        self._session, self._tasks = session, tasks
        self.models: Sequence[ModelEntry] = ()
        self._chosen: dict[str | None, str] = {}
        """By thread, what a person chose in this window; None is the empty conversation. "": the assistant's."""
        self._known: dict[str, ModelExtension] = {}
        self._unknown: dict[str, str] = {}
        """By name, why nobody answers to it."""
        self._changes = 0
        self._told: dict[str, int] = {}
        """By name, after which of the changes the service said who answers."""
        self._timer = QTimer(self, singleShot=True, interval=refresh_ms)
        self._timer.timeout.connect(self.read_again)
        session.assistant_selected.connect(self._assistant_selected)
        for signal in (session.thread_selected, session.threads_changed, session.assistants_changed):
            signal.connect(self._follow)
        session.changed.connect(self._notice)

    # What is chosen

    @property
    def override(self) -> str:
        """The model chosen for this thread; "" while its assistant's model answers."""
        thread_id, entry = self._session.thread_id, self._session.entry
        kept = (entry.metadata or {}).get(MODEL_KEY, "") if entry is not None else ""
        chosen = self._chosen.get(thread_id, kept)
        return "" if chosen == self.assistants_model else chosen

    @property
    def assistants_model(self) -> str:
        return self._session.assistant.model if self._session.assistant is not None else ""

    @property
    def model(self) -> str:
        """The name of the model that would be asked now; "" before there is an assistant."""
        return self.override or self.assistants_model

    @property
    def answering(self) -> "ModelExtension | None":
        """Who answers to that name; None until the service has said so."""
        return self._known.get(self.model)

    @property
    def problem(self) -> str:
        """Why nobody answers, in a sentence; "" when somebody does."""
        return self._unknown.get(self.model, "")

    # What a person does

    def choose(self, model: str) -> None:
        """Ask `model` in this thread from now on."""
        thread_id = self._session.thread_id
        self._chosen[thread_id] = "" if model == self.assistants_model else model
        self._follow()
        if thread_id is not None:
            self._tasks.restart(f"model.keep.{thread_id}", self._keep(thread_id))

    def use_for_assistant(self) -> None:
        """Make this thread's model the assistant's; its other threads are answered by it too."""
        if self.override and self._session.assistant_id is not None:
            self._tasks.start("model.assistant", self._use_for_assistant(self._session.assistant_id, self.override))

    def refresh(self) -> None:
        """Ask the providers for their models again."""
        self._tasks.restart("model.list", self._list(refresh=True))

    def load(self) -> None:
        """Read the list of models."""
        self._tasks.start("model.list", self._list())

    def adopt(self, thread_id: str) -> None:
        """The empty conversation has become this thread."""
        if None in self._chosen:
            self._chosen[thread_id] = self._chosen.pop(None)

    # Tasks

    async def learn(self, models: Iterable[str]) -> None:
        """Ask who answers to these names, where that is not known."""
        await asyncio.gather(*(self._ask(model) for model in set(models) if not self._is_known(model)))

    async def _keep(self, thread_id: str) -> None:
        service = self._session.service
        with readable_errors():
            thread = await service.threads.retrieve(thread_id)
            kept = {key: value for key, value in (thread.metadata or {}).items() if key != MODEL_KEY}
            chosen = self._chosen.get(thread_id, "")
            await service.threads.update(thread_id, metadata=kept | ({MODEL_KEY: chosen} if chosen else {}))

    async def _use_for_assistant(self, assistant_id: str, model: str) -> None:
        with readable_errors():
            await self._session.service.assistants.update(assistant_id, model=model)
        await self._session.load_assistants()
        self.choose(model)

    async def _list(self, *, refresh: bool = False) -> None:
        self.models = await self._session.service.models.models(refresh=refresh)
        self.models_changed.emit()

    async def _ask(self, model: str) -> None:
        while not self._is_known(model):
            changes = self._changes
            try:
                self._known[model] = await self._session.service.models.who_answers(model)
                self._unknown.pop(model, None)
            except RefusedError as error:
                self._unknown[model] = str(error)
                self._known.pop(model, None)
            self._told[model] = changes
        self.changed.emit()

    def _is_known(self, model: str) -> bool:
        return self._told.get(model) == self._changes

    # What changes

    def _assistant_selected(self) -> None:
        self._chosen.pop(None, None)
        self._follow()

    def _follow(self) -> None:
        self.changed.emit()
        if self._session.connection is not None and self.model and not self._is_known(self.model):
            self._tasks.start(f"model.answering.{self.model}", self._ask(self.model))

    def _notice(self, change: "Change") -> None:
        if change.kind == "model" and not self._timer.isActive():
            self._timer.start()

    def forget(self) -> None:
        """Another service: nothing is known of it."""
        self._known.clear()
        self._unknown.clear()
        self.read_again()

    def read_again(self) -> None:
        """The providers or the routing may be others, and so who answers."""
        self._changes += 1
        self._follow()
        if self.models and self._session.connection is not None:
            self.load()
