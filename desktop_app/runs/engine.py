"""Runs of all threads: created, started, watched, cancelled, and ended after a crash."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from desktop_app.models.choice import ModelChoice
from desktop_app.runs import ending
from desktop_app.runs.alignment import Embed
from desktop_app.runs.creation import create_run
from desktop_app.runs.ending import Ending, end_run
from desktop_app.runs.execution import STOPPED, Execution, Ingestion, RunServices
from desktop_app.runs.saver import TextSaver
from desktop_app.runs.searching import Search
from desktop_app.settings.options import Settings
from desktop_app.store.database import Database
from desktop_app.store.documents import read_text
from desktop_app.store.run_steps import has_steps
from desktop_app.store.runs import active_runs, run_object, run_row, thread_run_row, update_run
from desktop_app.wire import events
from desktop_app.wire.errors import ApiError, not_found
from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change

SEARCH_THREADS = 4


class RunEngine:
    """`create` a run (in a thread), then `start` it on the event loop; `stream` it from `create` on."""

    def __init__(
        self,
        database: Database,
        search: Search,
        ingestion: Ingestion,
        models: ModelChoice,
        embed: Embed,
        settings: Settings,
        publish: Callable[[Change], None],
    ) -> None:
        self._database = database
        self._publish = publish
        self._timeout_s = settings.run_timeout_s
        self._search_threads = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="search")
        self._services = RunServices(
            database=database,
            search=search,
            search_threads=self._search_threads,
            ingestion=ingestion,
            models=models,
            embed=embed,
            file_search=settings.file_search,
            publish=publish,
            saver=TextSaver(database),
        )
        self._saving: asyncio.Task[None] | None = None
        self._runs: dict[str, Execution] = {}

    def create(
        self, thread_id: str, params: dict[str, Any], *, include_content: bool = False, timeout_s: int | None = None
    ) -> dict[str, Any]:
        """A queued run as its protocol object. Blocks; safe in any thread.

        `params` is the validated body (`thread_id` and `stream` are ignored); `include_content` asks for the text
        of search results in its stream; without `timeout_s` the setting says when the run expires. Raises ApiError:
        404 for an unknown thread or assistant, 400 while another run holds the thread.
        """
        with self._database.write() as connection:
            run = create_run(connection, thread_id, params, timeout_s or self._timeout_s)
        self._runs[run["id"]] = self._execution(run, include_content)
        self._runs[run["id"]].channel.send(
            Event(events.RUN_CREATED, run_object(run)), Event(events.RUN_QUEUED, run_object(run))
        )
        self._publish(Change(kind="run", id=run["id"], parent_id=thread_id, action="created"))
        return run_object(run)

    def start(self, run_id: str) -> None:
        """Execute a created run; called on the event loop."""
        if self._saving is None:
            self._saving = asyncio.create_task(self._services.saver.run(), name="save streamed text")
        self._runs[run_id].start().add_done_callback(lambda _: self._runs.pop(run_id, None))

    def stream(self, run_id: str, coalesce_ms: int = 0) -> AsyncGenerator[Event, None]:
        """The run's events from its creation on, then `done`; raises ApiError 404 for a run that is over.

        Ask for it right after `create`; any number may. Leaving it does not touch the run.
        """
        if run_id not in self._runs:
            raise not_found("run", run_id)
        return self._runs[run_id].channel.subscribe(coalesce_ms)

    def status_text(self, run_id: str) -> str:
        """What the run is doing, in words; "" when it is over."""
        execution = self._runs.get(run_id)
        return execution.status_text if execution is not None else ""

    async def cancel(self, thread_id: str, run_id: str) -> dict[str, Any]:
        """Begin to cancel; answers the run in `cancelling`. Raises ApiError 404, or 400 when it can't be cancelled."""
        run = await asyncio.to_thread(self._set_cancelling, thread_id, run_id)
        shown = run_object(run)
        execution = self._runs.get(run_id)
        if execution is not None:
            execution.channel.send(Event(events.RUN_CANCELLING, shown))
            execution.cancel()
        self._publish(Change(kind="run", id=run_id, parent_id=thread_id))
        return shown

    async def stop_thread(self, thread_id: str) -> None:
        """Stop the run of a thread that is being deleted."""
        for execution in [run for run in self._runs.values() if run.thread_id == thread_id]:
            await execution.stop(ending.cancelled())

    async def recover(self) -> None:
        """At the start of the service: end the runs that a killed one left, go on with those not begun."""
        for run in await asyncio.to_thread(self._sort_out):
            self._runs[run["id"]] = self._execution(run, include_content=False)
            self.start(run["id"])

    async def close(self) -> None:
        """End all runs readably and leave the provider; nothing is written afterwards."""
        await asyncio.gather(*(run.stop(STOPPED) for run in list(self._runs.values())))
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait([self._saving])
        self._search_threads.shutdown(wait=False, cancel_futures=True)
        await self._services.models.close()

    def _execution(self, run: dict[str, Any], include_content: bool) -> Execution:
        return Execution(self._services, run, self.passage_text if include_content else None)

    def passage_text(self, result: dict[str, Any]) -> str:
        """The text of a stored search result, for `step_object`; "" when the document is gone. Blocks."""
        with self._database.read() as connection:
            text = read_text(connection, result["file_id"]) or ""
        return text[result["start"] : result["end"]]

    def _set_cancelling(self, thread_id: str, run_id: str) -> dict[str, Any]:
        with self._database.write() as connection:
            run = thread_run_row(connection, thread_id, run_id)
            if not update_run(
                connection, run_id, only_from=("queued", "in_progress", "requires_action"), status="cancelling"
            ):
                raise ApiError(f"Cannot cancel run with status '{run['status']}'.")
            return run_row(connection, run_id)

    def _sort_out(self) -> list[dict[str, Any]]:
        """End what can't go on; answers the runs that can."""
        resumable = []
        with self._database.write() as connection:
            for run in active_runs(connection):
                end: Ending | None = STOPPED
                if run["status"] == "cancelling":
                    end = ending.cancelled()
                elif run["expires_at"] is not None and run["expires_at"] <= time.time():
                    end = ending.expired()
                elif not has_steps(connection, run["id"]):
                    end = None
                if end is not None:
                    end_run(connection, run["id"], end, None, None)
                else:
                    resumable.append(run)
        return resumable
