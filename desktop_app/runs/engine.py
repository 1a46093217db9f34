"""Runs of all threads: created, continued, started, watched, cancelled, expired, and sorted out after a crash."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from desktop_app.models.choice import ModelChoice
from desktop_app.runs import ending
from desktop_app.runs.alignment import Embed
from desktop_app.runs.cells import Cells
from desktop_app.runs.creation import create_run, create_thread_for_run
from desktop_app.runs.ending import STOPPED, Ending, end_run
from desktop_app.runs.execution import Execution, Ingestion, RunServices
from desktop_app.runs.expiry import Clock, Expiry
from desktop_app.runs.found import passage_text
from desktop_app.runs.outputs import take_outputs
from desktop_app.runs.recovery import sort_out
from desktop_app.runs.saver import TextSaver
from desktop_app.runs.searching import Search
from desktop_app.settings.options import Settings
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.store.runs import run_object, run_row, thread_run_row, update_run
from desktop_app.wire import events
from desktop_app.wire.errors import ApiError, not_found
from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change

SEARCH_THREADS = 4


class RunEngine:
    """`create` a run, or `submit` what it waits for (in a thread), then `start` it on the event loop.

    Both commit without waiting for the disk, so that the run can begin: call `Database.sync` before a client is told.
    Only a run that is being executed is in memory; `stream` follows it from `create` or `submit` on.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        cells: Cells,
        search: Search,
        ingestion: Ingestion,
        models: ModelChoice,
        embed: Embed,
        settings: Settings,
        publish: Callable[[Change], None],
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._publish = publish
        self._timeout_s = settings.run_timeout_s
        self._search_threads = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="search")
        self._services = RunServices(
            database=database,
            blobs=blobs,
            cells=cells,
            search=search,
            search_threads=self._search_threads,
            ingestion=ingestion,
            models=models,
            embed=embed,
            file_search=settings.file_search,
            publish=publish,
            saver=TextSaver(database),
        )
        self._clock = clock or Clock()
        self._expiry = Expiry(database, self._clock, self._expire)
        self._tasks: list[asyncio.Task[None]] = []
        self._runs: dict[str, Execution] = {}

    def create(
        self, thread_id: str, params: dict[str, Any], *, include_content: bool = False, timeout_s: int | None = None
    ) -> dict[str, Any]:
        """A queued run as its protocol object. Blocks; safe in any thread.

        `params` is the validated body (`thread_id` and `stream` are ignored); `include_content` asks for the text
        of search results in its stream; without `timeout_s` the setting says when the run expires. Raises ApiError:
        404 for an unknown thread or assistant, 400 while another run holds the thread.
        """
        with self._database.write(durable=False) as connection:
            run = create_run(connection, thread_id, params, timeout_s or self._timeout_s)
        return self._created(run, include_content)

    def create_with_thread(
        self, params: dict[str, Any], *, include_content: bool = False, timeout_s: int | None = None
    ) -> dict[str, Any]:
        """As `create`, with a new thread, whose event comes first; both are made, or none."""
        with self._database.write(durable=False) as connection:
            thread = create_thread_for_run(connection, params)
            run = create_run(connection, thread["id"], params, timeout_s or self._timeout_s)
        self._publish(Change(kind="thread", id=thread["id"], action="created"))
        return self._created(run, include_content, Event(events.THREAD_CREATED, thread))

    def submit(self, thread_id: str, run_id: str, outputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The run, queued again, after the outputs of its functions (`tool_outputs` of the body). Blocks, as `create`.

        Raises ApiError: 404, or 400 when the run does not wait for these outputs.
        """
        with self._database.write(durable=False) as connection:
            run, told = take_outputs(connection, thread_id, run_id, outputs)
        self._add(run, False, *told)
        self._publish(Change(kind="run", id=run_id, parent_id=thread_id))
        return run_object(run)

    def start(self, run_id: str) -> None:
        """Execute a run that was created or continued; called on the event loop."""
        self._watch()
        execution = self._runs[run_id]
        self._expiry.expect(execution.expires_at)
        execution.start().add_done_callback(lambda _: self._remove(run_id, execution))

    def stream(self, run_id: str, coalesce_ms: int = 0, *, reasoning: bool = False) -> AsyncGenerator[Event, None]:
        """The run's events from `create` or `submit` on, then `done`; raises ApiError 404 for a run not executed.

        With `reasoning` also what the model thinks.

        Ask for it right after those; any number may. Leaving it does not touch the run.
        """
        if run_id not in self._runs:
            raise not_found("run", run_id)
        return self._runs[run_id].channel.subscribe(coalesce_ms, reasoning=reasoning)

    def status_text(self, run_id: str) -> str:
        """What the run is doing, in words; "" when it is over."""
        execution = self._runs.get(run_id)
        return execution.status_text if execution is not None else ""

    async def cancel(self, thread_id: str, run_id: str) -> dict[str, Any]:
        """Begin to cancel; answers the run in `cancelling`, or `cancelled` when it waited for its client.

        Raises ApiError 404, or 400 when it can't be cancelled.
        """
        run = await asyncio.to_thread(self._set_cancelling, thread_id, run_id)
        shown = run_object(run)
        execution = self._runs.get(run_id)
        if execution is not None and run["status"] == "cancelling":
            execution.channel.send(Event(events.RUN_CANCELLING, shown))
            execution.begin_to_stop(ending.cancelled())
        self._publish(Change(kind="run", id=run_id, parent_id=thread_id))
        return shown

    async def stop_thread(self, thread_id: str) -> None:
        """Stop the run of a thread that is being deleted."""
        for execution in list(self._runs.values()):
            if execution.thread_id == thread_id:
                await execution.stop(ending.cancelled())

    async def recover(self) -> None:
        """At the start of the service: go on with the runs that a killed one left, or end them."""
        self._watch()
        for run in await asyncio.to_thread(self._sort_out):
            self._add(run, False)
            self.start(run["id"])

    async def close(self) -> None:
        """End all runs readably and leave the provider; nothing is written afterwards."""
        await asyncio.gather(*(run.stop(STOPPED) for run in list(self._runs.values())))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._search_threads.shutdown(wait=False, cancel_futures=True)
        await self._services.models.close()

    def passage_text(self, result: dict[str, Any]) -> str:
        """The text of a stored search result, for `step_object`; "" when the document is gone. Blocks."""
        with self._database.read() as connection:
            return passage_text(connection, result)

    def _created(self, run: dict[str, Any], include_content: bool, *told: Event) -> dict[str, Any]:
        shown = run_object(run)
        self._add(run, include_content, *told, Event(events.RUN_CREATED, shown), Event(events.RUN_QUEUED, shown))
        self._publish(Change(kind="run", id=run["id"], parent_id=run["thread_id"], action="created"))
        return shown

    def _add(self, run: dict[str, Any], include_content: bool, *told: Event) -> None:
        execution = Execution(self._services, run, self.passage_text if include_content else None)
        execution.channel.send(*told)
        self._runs[run["id"]] = execution

    def _remove(self, run_id: str, execution: Execution) -> None:
        """The run may have been continued already."""
        if self._runs.get(run_id) is execution:
            del self._runs[run_id]

    def _watch(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._services.saver.run(), name="save streamed text"),
                asyncio.create_task(self._expiry.run(), name="expire runs"),
            ]

    async def _expire(self, run_id: str) -> None:
        execution = self._runs.get(run_id)
        if execution is not None:
            await execution.stop(ending.expired())
        else:
            await asyncio.to_thread(self._end, run_id, ending.expired())

    def _end(self, run_id: str, how: Ending) -> None:
        """End a run that is not executed."""
        with self._database.write() as connection:
            ended = end_run(connection, run_id, how)
        for event in ended[-1:]:
            self._publish(Change(kind="run", id=run_id, parent_id=event.data["thread_id"]))

    def _set_cancelling(self, thread_id: str, run_id: str) -> dict[str, Any]:
        with self._database.write() as connection:
            run = thread_run_row(connection, thread_id, run_id)
            if run["status"] == "requires_action":
                end_run(connection, run_id, ending.cancelled())
            elif not update_run(connection, run_id, only_from=("queued", "in_progress"), status="cancelling"):
                raise ApiError(f"Cannot cancel run with status '{run['status']}'.")
            return run_row(connection, run_id)

    def _sort_out(self) -> list[dict[str, Any]]:
        with self._database.write() as connection:
            return sort_out(connection, self._clock.now())
