"""Questions and answers of the window: loads a thread's messages, asks, streams the answer, stops it, tries it again.

Each thread may have an answer under way; the signals speak of the current thread only.
"""

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.client.connection import Connection
from desktop_app.client.errors import ClientError, RefusedError, ServiceLostError, readable_errors
from desktop_app.window.assistants.fields import longest_answer
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.model_choice import MODEL_KEY
from desktop_app.window.session import REFRESH_MS, Session
from desktop_app.window.tasks import Tasks
from desktop_app.window.work import MOST_RUNS, Work
from desktop_app.wire.events import COALESCE_HEADER, REASONING_HEADER
from desktop_app.wire.limits import PAGE_LIMIT_MAX

if TYPE_CHECKING:
    from openai.types.beta.threads import Run

    from desktop_app.window.answer import Answer, Update
    from desktop_app.wire.extensions import Change, Citation

COALESCE_MS = 16
"""The service joins text deltas over a frame, so that a very fast model costs 60 events a second."""

ELSEWHERE = "An answer is being written…"


class Asking(QObject):
    """`shown(items)` replaces the conversation; `appended`, `text_added`, `replaced` change it.

    `state_changed()`: `busy` or `status_text` is new. `accepted()`: the question is stored in the thread.
    `refused(sentence)`: it is not, and nothing was asked.
    """

    shown = Signal(list)
    appended = Signal(object)
    text_added = Signal(str, str)
    replaced = Signal(object)
    state_changed = Signal()
    accepted = Signal()
    refused = Signal(str)

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session)
        self._session = session
        self._tasks = tasks
        self._answers: dict[str | None, Answer] = {}
        self._items: dict[str, MessageItem] = {}
        self._work = Work()
        self._loaded: str | None = None
        self._ended_run: str | None = None
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._reload)
        session.thread_selected.connect(self.show_current)
        session.threads_changed.connect(self.state_changed)
        session.changed.connect(self._notice)

    # State of the current thread

    @property
    def items(self) -> list[MessageItem]:
        """What the conversation shows, in order."""
        return list(self._items.values())

    @property
    def busy(self) -> bool:
        return self._answer is not None or self._run_elsewhere is not None

    @property
    def status_text(self) -> str:
        if self._answer is not None:
            return self._answer.status_text
        return ELSEWHERE if self._run_elsewhere is not None else ""

    @property
    def _answer(self) -> "Answer | None":
        return self._answers.get(self._session.thread_id)

    @property
    def _run_elsewhere(self) -> str | None:
        """A run of this thread that was started by another program, or before this window was opened."""
        entry = self._session.entry
        run_id = entry.deskside.active_run_id if entry is not None else None
        return run_id if run_id != self._ended_run else None

    # What a person does

    def ask(self, text: str) -> None:
        """Store the question in the current thread (a new one if there is none) and stream the answer."""
        if text.strip() and not self.busy:
            self._tasks.start(f"ask.{self._session.thread_id or 'new'}", self._ask(text))

    def retry(self) -> None:
        """Start a run again on the thread as it is, without repeating the question."""
        thread_id = self._session.thread_id
        if thread_id is not None and not self.busy:
            self._tasks.start(f"ask.{thread_id}", self._retry(thread_id))

    def stop(self) -> None:
        """Ask the service to end the answer; what is written so far stays."""
        if self.busy:
            self._tasks.start("ask.stop", self._stop())

    def citations_beside(self, citation: "Citation") -> "list[Citation]":
        """All citations of the answer that holds this one, in the order of the text."""
        for item in self._items.values():
            citations = [mark.citation for mark in item.citations]
            if citation in citations:
                return citations
        return [citation]

    def show_current(self) -> None:
        """Show the current thread's messages."""
        thread_id = self._session.thread_id
        if thread_id is None or thread_id != self._loaded:
            self._loaded = thread_id
            self._show_all({})
        self.state_changed.emit()
        if thread_id is not None and self._session.connection is not None:
            self._tasks.restart("conversation.load", self._load(thread_id))
        else:
            self._tasks.cancel("conversation.load")

    # Tasks

    async def _ask(self, text: str) -> None:
        from desktop_app.window.answer import Answer

        session = self._session
        thread_id, assistant_id, model = session.thread_id, session.assistant_id, session.choice.override
        answer = self._answers[thread_id] = Answer()
        self.state_changed.emit()
        try:
            connection = session.service
            threads = connection.threads_once
            with readable_errors():
                if thread_id is None:
                    metadata = {"assistant_id": assistant_id} if assistant_id else {}
                    metadata |= {MODEL_KEY: model} if model else {}
                    thread = await threads.create(metadata=metadata)
                    del self._answers[None]
                    thread_id = thread.id
                    self._answers[thread_id] = answer
                    if session.thread_id is None:
                        self._loaded = thread_id
                        session.adopt_thread(thread_id)
                message = await threads.messages.create(thread_id, role="user", content=text)
            if session.thread_id == thread_id:
                from desktop_app.window.messages import item_of

                question = item_of(message)
                self._items[question.id] = question
                self.appended.emit(question)
                self.accepted.emit()
            await self._run(connection, thread_id, assistant_id, model, answer)
        except ClientError as error:
            self.refused.emit(_locked(error))
        finally:
            self._answers.pop(thread_id, None)
            self.state_changed.emit()

    async def _retry(self, thread_id: str) -> None:
        from desktop_app.window.answer import Answer

        answer = self._answers[thread_id] = Answer()
        self.state_changed.emit()
        try:
            self._show_all({key: item for key, item in self._items.items() if not _is_note(item)})
            session = self._session
            await self._run(session.service, thread_id, session.assistant_id, session.choice.override, answer)
        except ClientError as error:
            self.refused.emit(_locked(error))
        finally:
            self._answers.pop(thread_id, None)
            self.state_changed.emit()

    async def _run(
        self, connection: Connection, thread_id: str, assistant_id: str | None, model: str, answer: "Answer"
    ) -> None:
        """`model` "": the assistant's own."""
        if assistant_id is None:
            raise ClientError("Choose an assistant first.")
        try:
            with readable_errors():
                stream = await connection.threads_once.runs.create(
                    thread_id,
                    assistant_id=assistant_id,
                    model=model or None,
                    max_completion_tokens=longest_answer(self._session.assistant_of(assistant_id)),
                    stream=True,
                    extra_headers={COALESCE_HEADER: str(COALESCE_MS), REASONING_HEADER: "1"},
                )
                async with stream:
                    async for event in stream:
                        status = answer.status_text
                        self._show(thread_id, answer, answer.apply(event))
                        if answer.status_text != status:
                            self.state_changed.emit()
            if not answer.ended:
                raise ServiceLostError("The service went away while it answered.")
        except ClientError as error:
            self._show(thread_id, answer, answer.fail(_locked(error)))
        # The list of threads may have been read while the run was active, and is read again a moment later.
        self._ended_run = answer.run_id
        self._work.keep(thread_id, answer.run_id, answer.items.values())

    async def _stop(self) -> None:
        thread_id, answer = self._session.thread_id, self._answer
        run_id = answer.run_id if answer is not None else self._run_elsewhere
        if thread_id is None or run_id is None:
            self._tasks.cancel(f"ask.{thread_id or 'new'}")
            return
        if answer is not None:
            from desktop_app.window.answer import STOPPING

            answer.status_text = STOPPING
            self.state_changed.emit()
        # Refused when it has ended by itself in the same moment.
        with suppress(RefusedError), readable_errors():
            await self._session.service.threads.runs.cancel(run_id, thread_id=thread_id)

    async def _load(self, thread_id: str) -> None:
        """Newest messages first, shown at once; then the older ones."""
        from desktop_app.window.messages import item_of

        threads = self._session.service.threads
        newest_first: list[MessageItem] = []
        with readable_errors():
            page = await threads.messages.list(thread_id, limit=PAGE_LIMIT_MAX, order="desc")
            newest_first += [item_of(message) for message in page.data]
            runs = (await threads.runs.list(thread_id, limit=MOST_RUNS, order="desc")).data
            note = self._note_of_last_run(thread_id, runs[0] if runs else None, newest_first)
            if page.has_next_page() and not self._items:
                self._show_loaded(thread_id, newest_first, note)
            while page.has_next_page():
                page = await page.get_next_page()
                newest_first += [item_of(message) for message in page.data]
        self._show_loaded(thread_id, newest_first, note)
        if await self._work.read(self._session.service, thread_id, runs):
            self._show_loaded(thread_id, newest_first, note)

    def _note_of_last_run(
        self, thread_id: str, last: "Run | None", newest_first: list[MessageItem]
    ) -> MessageItem | None:
        """Why the last question has no (whole) answer, to be shown with a Retry button; None when it has one."""
        if thread_id in self._answers or last is None or last.status not in ("failed", "expired"):
            return None
        from desktop_app.window.answer import failure, is_remedied_in_settings

        reason = last.last_error.message if last.last_error else "The answer took too long and was ended."
        newest = newest_first[0] if newest_first else None
        if newest is not None and newest.role == "assistant":
            if newest.status == "completed":
                return None
            in_settings = is_remedied_in_settings(reason)
            newest_first[0] = replace(newest, status="failed", note=reason, in_settings=in_settings)
            return None
        return failure(last.id, reason)

    def _show_loaded(self, thread_id: str, newest_first: list[MessageItem], note: MessageItem | None) -> None:
        items: dict[str, MessageItem] = {}
        unanswered = self._work.without_message(thread_id)
        for item in reversed(newest_first):
            while unanswered and unanswered[0][0].created_at < item.created_at:
                items |= {each.id: each for each in unanswered.pop(0)}
            items |= {each.id: each for each in (*self._work.above(item.id), item)}
        items |= {each.id: each for rest in unanswered for each in rest}
        if thread_id in self._answers:
            items |= self._answers[thread_id].items
        if note is not None:
            items[note.id] = note
        if thread_id == self._session.thread_id and items != self._items:
            self._show_all(items)

    # Showing

    def _show_all(self, items: dict[str, MessageItem]) -> None:
        self._items = items
        self.shown.emit(list(items.values()))

    def _show(self, thread_id: str, answer: "Answer", updates: "list[Update]") -> None:
        if thread_id != self._session.thread_id:
            return
        from desktop_app.window.answer import Appended, TextAdded

        self._items |= answer.items
        for update in updates:
            if isinstance(update, TextAdded):
                self.text_added.emit(update.message_id, update.text)
            elif isinstance(update, Appended):
                self.appended.emit(update.item)
            else:
                self.replaced.emit(update.item)

    def _notice(self, change: "Change") -> None:
        thread_id = self._session.thread_id
        known = thread_id in self._answers or self._timer.isActive()
        if change.kind in ("message", "run") and change.parent_id == thread_id and not known:
            self._timer.start()

    def _reload(self) -> None:
        thread_id = self._session.thread_id
        if thread_id is None or self._session.connection is None or thread_id in self._answers:
            return
        if self._tasks.start("conversation.load", self._load(thread_id)) is None:
            self._timer.start()  # what is being read now may miss the newest change


def _is_note(item: MessageItem) -> bool:
    return item.status == "failed" and not item.text


def _locked(error: ClientError) -> str:
    """The protocol's message for a locked thread names ids; a person needs to know what to do."""
    if (
        isinstance(error, RefusedError)
        and error.status == 400
        and re.search(r"\brun\b.*\bactive\b|\bactive run\b", str(error))
    ):
        return "Another answer is still being written in this thread. Wait for it or stop it, then try again."
    return str(error)
