"""The ingestion queue: store files in the database with status `in_progress`, taken in order by a few threads.

Nothing but the database remembers what is to be done, so a killed service goes on where it was. Each thread
owns a parser process and does one file at a time, from its bytes to its searchable rows.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.job import Job, NotWantedError, Stage, Tools
from desktop_app.documents.model_files import ModelFilesError
from desktop_app.documents.parsing.pages import UnreadableFileError
from desktop_app.documents.parsing.process import ParserWorker, StoppedError
from desktop_app.settings.options import Settings
from desktop_app.store import documents as rows
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.wire.extensions import Change

MAX_ATTEMPTS = 5
"""How often the service may die while it works on a file before the file is taken for the cause."""
_PUBLISH_INTERVAL_S = 0.2
_POLL_INTERVAL_S = 0.05
_LOOK_AGAIN_S = 1.0
"""The queue is looked at again after each file, and now and then: files are removed and cancelled too."""
_END_TIMEOUT_S = 3.0
_RETRY_INTERVAL_S = 1.0

_log = logging.getLogger(__name__)


class Ingestion:
    """Takes files from the queue until it is stopped. `publish` must be thread-safe and quick."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        settings: Settings,
        embedder: Callable[[], Embedder],
        publish: Callable[[Change], None],
    ) -> None:
        self._database = database
        self._embedding = ThreadPoolExecutor(settings.ingest_workers, thread_name_prefix="embedding")
        self._tools = Tools(database, blobs, embedder, self._embedding)
        self._publish = publish
        self._workers = [
            ParserWorker(settings.parse_timeout_s, settings.parse_memory_mb) for _ in range(settings.ingest_workers)
        ]
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._wakes = 0
        self._claiming = threading.Lock()
        self._active: dict[str, tuple[str, Stage, float]] = {}  # file id: store id, stage, progress

    def start(self) -> None:
        for number, worker in enumerate(self._workers):
            thread = threading.Thread(target=self._work, args=(worker,), name=f"ingestion-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    async def stop(self) -> None:
        """End all work within a few seconds. Files at hand stay in the queue."""
        self._stopping.set()
        for worker in self._workers:
            worker.stop()
        self.wake()
        deadline = time.monotonic() + _END_TIMEOUT_S
        for thread in self._threads:
            await asyncio.to_thread(thread.join, max(deadline - time.monotonic(), 0))
        self._embedding.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """Look at the queue again: call it after the transaction that put files into it."""
        with self._changed:
            self._wakes += 1
            self._changed.notify_all()

    async def wait_for_store(self, vector_store_id: str, timeout_s: float) -> None:
        """Return when no file of the store is in the queue, or after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while True:
            wakes, until = self._wakes, min(deadline, time.monotonic() + _LOOK_AGAIN_S)
            if not await asyncio.to_thread(self._waiting_files, vector_store_id):
                return
            while self._wakes == wakes and time.monotonic() < until:  # noqa: ASYNC110  # it is threads that wake
                await asyncio.sleep(_POLL_INTERVAL_S)
            if time.monotonic() >= deadline:
                return

    def progress(self, vector_store_id: str, file_id: str) -> tuple[Stage, float]:
        """What is being done for a file in the queue, and 0..1 of it."""
        store, stage, progress = self._active.get(file_id, ("", "waiting", 0.0))
        return (stage, progress) if store == vector_store_id else ("waiting", 0.0)

    def _waiting_files(self, vector_store_id: str) -> int:
        with self._database.read() as connection:
            return rows.queue_length(connection, vector_store_id)

    def _work(self, worker: ParserWorker) -> None:
        try:
            while not self._stopping.is_set():
                wakes = self._wakes
                try:
                    if (file := self._claim()) is not None:
                        self._do(file, worker)
                    else:
                        self._wait_for_change(wakes)
                except Exception:
                    _log.exception("The ingestion queue could not be read or written; trying again.")
                    self._stopping.wait(_RETRY_INTERVAL_S)
        finally:
            worker.close()

    def _wait_for_change(self, wakes_seen: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._wakes != wakes_seen or self._stopping.is_set())

    def _claim(self) -> rows.QueuedFile | None:
        """The next file, counted as an attempt before anything is done with it."""
        with self._claiming:
            with self._database.read() as connection:  # each new message and run wakes the queue: mostly it is empty
                file = rows.next_queued(connection, list(self._active))
            if file is not None:
                with self._database.write() as connection:
                    rows.count_attempt(connection, file.seq, +1)
                self._active[file.file_id] = (file.vector_store_id, "waiting", 0.0)
            return file

    def _do(self, file: rows.QueuedFile, worker: ParserWorker) -> None:
        try:
            if file.attempts >= MAX_ATTEMPTS:
                raise UnreadableFileError(
                    f"The service ended {MAX_ATTEMPTS} times while it read this file, so it is left out. "
                    "Retry it alone, or add it in another format.",
                    "server_error",
                )
            Job(file, self._tools, worker, self._reporter(file)).run()
        except (NotWantedError, StoppedError):
            with self._database.write() as connection:
                rows.count_attempt(connection, file.seq, -1)
        except UnreadableFileError as error:
            self._fail(file, error.code, error.message)
        except ModelFilesError as error:
            self._fail(file, "server_error", str(error))
        except Exception as error:
            _log.exception("%s could not be made searchable.", file.file_id)
            self._fail(
                file, "server_error", f"This file could not be made searchable ({type(error).__name__}: {error})."
            )
        finally:
            with self._claiming:
                del self._active[file.file_id]
            self._announce(file)
            self.wake()

    def _fail(self, file: rows.QueuedFile, code: str, message: str) -> None:
        with self._database.write() as connection:
            rows.mark_failed(connection, file.seq, code, message)

    def _reporter(self, file: rows.QueuedFile) -> Callable[[Stage, float], None]:
        announced_stage: Stage = "waiting"
        announced_at = 0.0

        def report(stage: Stage, progress: float) -> None:
            nonlocal announced_stage, announced_at
            if self._stopping.is_set():
                raise StoppedError
            self._active[file.file_id] = (file.vector_store_id, stage, progress)
            now = time.monotonic()
            if stage != announced_stage or now - announced_at >= _PUBLISH_INTERVAL_S:
                announced_stage, announced_at = stage, now
                self._announce(file)

        return report

    def _announce(self, file: rows.QueuedFile) -> None:
        self._publish(Change(kind="vector_store_file", id=file.file_id, parent_id=file.vector_store_id))
