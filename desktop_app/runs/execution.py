"""A run while it is executed: prepared, looped, and ended in whichever way it ends, or left to its client."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from desktop_app.documents.model_files import ModelFilesError
from desktop_app.models.base import ModelError, Turn
from desktop_app.models.choice import ModelChoice
from desktop_app.runs import cells, ending
from desktop_app.runs.alignment import Embed
from desktop_app.runs.answer import Answer
from desktop_app.runs.cells import Cells
from desktop_app.runs.channel import RunChannel
from desktop_app.runs.citations import Citer, CitingWriter
from desktop_app.runs.code import CodeInterpreter
from desktop_app.runs.ending import Ending
from desktop_app.runs.history import history_turns
from desktop_app.runs.images import ImageReader
from desktop_app.runs.loop import RunLoop
from desktop_app.runs.progress import Progress, read_progress
from desktop_app.runs.recorder import RunOverError, RunRecorder
from desktop_app.runs.retrieval import search_query
from desktop_app.runs.saver import TextSaver
from desktop_app.runs.searching import TOOL, FileSearch, Search, Stores, open_stores
from desktop_app.runs.uninterrupted import uninterrupted
from desktop_app.store.answers import history
from desktop_app.store.blobs import Blobs
from desktop_app.store.code_files import read_code_files
from desktop_app.store.database import Database
from desktop_app.store.run_steps import PassageText
from desktop_app.store.runs import count_files
from desktop_app.wire.errors import ApiError
from desktop_app.wire.extensions import Change

WAIT_FOR_FILES_S = 60.0
_OWN_FAULT = ending.failed("server_error", "Deskside ran into a problem of its own; its log says more. Ask again.")

log = logging.getLogger(__name__)


class Ingestion(Protocol):
    """What a run needs of `documents.ingestion.Ingestion`."""

    async def wait_for_store(self, vector_store_id: str, timeout_s: float) -> None: ...


@dataclass(frozen=True)
class RunServices:
    """What all runs share."""

    database: Database
    blobs: Blobs
    cells: Cells
    search: Search
    search_threads: Executor
    """Their own: a search may wait for the model files to be fetched, and must not hold up the database's work."""
    ingestion: Ingestion
    models: ModelChoice
    embed: Embed
    file_search: Literal["auto", "model", "always"]
    publish: Callable[[Change], None]
    saver: TextSaver


class Execution:
    """A run's task, its channel, and what it is doing. `passage_text` when results are wanted with their text."""

    def __init__(self, services: RunServices, run: dict[str, Any], passage_text: PassageText | None = None) -> None:
        self._services = services
        self._run = run
        self.channel = RunChannel()
        self.status_text = ""
        self._progress = Progress()
        self._recorder = RunRecorder(services.database, self.channel, run, services.publish, passage_text)
        self._task: asyncio.Task[None] | None = None
        self._stop = ending.cancelled()
        self._stopping = False

    @property
    def thread_id(self) -> str:
        return str(self._run["thread_id"])

    @property
    def expires_at(self) -> int:
        return int(self._run["expires_at"])

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._execute(), name=f"run {self._run['id']}")
        self._task.add_done_callback(lambda _: self.channel.close())
        return self._task

    def begin_to_stop(self, how: Ending) -> None:
        """End the run as `how` says; the provider's stream is closed."""
        if self._task is not None and not self._stopping:
            self._stop, self._stopping = how, True
            # Not before its first step: a task that is cancelled before that does nothing, not even end its run.
            asyncio.get_running_loop().call_soon(self._task.cancel)

    async def stop(self, how: Ending) -> None:
        """As `begin_to_stop`, and wait until the run has ended."""
        self.begin_to_stop(how)
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _execute(self) -> None:
        loop: RunLoop | None = None
        end: Ending | None
        try:
            loop = await self._prepare()
            end = await loop.run()
        except asyncio.CancelledError:
            end = self._stop
        except ModelError as error:
            end = ending.failed(error.code, error.message)
        except ApiError as error:  # an expired vector store
            end = ending.failed("server_error", error.message)
        except ModelFilesError as error:
            end = ending.failed("server_error", str(error))
        except RunOverError:
            end = self._stop
        except Exception:
            log.exception("run %s failed", self._run["id"])
            end = _OWN_FAULT
        if end is not None:
            await uninterrupted(self._finish(end, loop.writer if loop is not None else None))

    async def _finish(self, end: Ending, writer: CitingWriter | None) -> None:
        if writer is not None:
            try:
                await writer.finish(complete=end.status == "completed")
            except Exception:  # the answer stays, with the citations it has
                log.exception("the citations of run %s could not be finished", self._run["id"])
        try:
            await self._recorder.end(end, writer.answer if writer is not None else None)
        except Exception:  # such as a full disk: recover() ends the run at the next start
            log.exception("run %s could not be ended", self._run["id"])

    async def _prepare(self) -> RunLoop:
        services, run = self._services, self._run
        chosen = await services.models.choose(run["model"])
        model = await chosen.model()
        await self._recorder.begin(model.name, chosen.origin)
        tools = {tool["type"]: tool for tool in reversed(run["tools"])}  # of two of a kind the first counts
        tool = tools.get(TOOL)
        history, self._progress = await asyncio.to_thread(self._read)
        file_search = await self._open_search(tool, search_query(history)) if tool is not None else None
        code = await self._open_code() if cells.TOOL in tools else None
        return RunLoop(
            run,
            model,
            history,
            self._progress,
            file_search,
            code,
            always_first=services.file_search == "always",
            recorder=self._recorder,
            open_writer=self._open_writer,
            say=self._say,
        )

    async def _open_search(self, tool: dict[str, Any], question: str) -> FileSearch | None:
        """The run's search once its thread's own files are read; None without stores."""
        services = self._services
        stores = await asyncio.to_thread(self._stores)
        if not stores.all:
            return None
        reading = await asyncio.to_thread(self._count, stores.thread, "in_progress")
        if reading:
            self._say(f"Reading {_documents(reading)}...")
            deadline = time.monotonic() + WAIT_FOR_FILES_S
            for store_id in stores.thread:
                await services.ingestion.wait_for_store(store_id, max(0.0, deadline - time.monotonic()))
        ready = await asyncio.to_thread(self._count, stores.all, "completed")
        status_text = f"Searching {_documents(ready)}..."
        found = self._progress.found
        return FileSearch(services.search, services.search_threads, stores.all, tool, found, question, status_text)

    async def _open_code(self) -> CodeInterpreter:
        services, run, progress = self._services, self._run, self._progress
        await services.cells.prepare()
        inputs = await asyncio.to_thread(services.cells.inputs, run["thread_id"], run["assistant_id"])
        progress.produced.files = await asyncio.to_thread(self._read_code_files)
        done = sum(call.name == cells.TOOL for turn in progress.turns for call in turn.calls)
        return CodeInterpreter(services.cells, self._recorder, run, progress.produced, inputs, done)

    async def _open_writer(self) -> CitingWriter:
        message_id, position = await self._recorder.open_answer()
        produced = self._progress.produced
        answer = Answer(message_id, self.channel, self._services.saver, produced.take_images())
        citer = Citer(self._services.database, self._services.embed)
        return CitingWriter(answer, position, self._progress.found, citer, produced.files)

    def _say(self, text: str) -> None:
        if text != self.status_text:
            self.status_text = text
            self._services.publish(Change(kind="run", id=self._run["id"], parent_id=self._run["thread_id"]))

    def _stores(self) -> Stores:
        with self._services.database.write() as connection:
            return open_stores(connection, self._run)

    def _count(self, vector_store_ids: Sequence[str], status: str) -> int:
        with self._services.database.read() as connection:
            return count_files(connection, vector_store_ids, status)

    def _read_code_files(self) -> dict[str, str]:
        with self._services.database.read() as connection:
            return read_code_files(connection, self._run["thread_id"])

    def _read(self) -> tuple[list[Turn], Progress]:
        """The thread before this run, and the run so far."""
        strategy = self._run["truncation_strategy"]
        newest = strategy["last_messages"] if strategy["type"] == "last_messages" else None
        with self._services.database.read() as connection:
            images = ImageReader(connection, self._services.blobs)
            turns = history_turns(history(connection, self._run, newest), images)
            begun = self._run["started_at"] is not None
            return turns, read_progress(connection, self._run["id"]) if begun else Progress()


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"
