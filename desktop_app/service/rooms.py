"""All rooms of the service put together over one data folder."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from desktop_app import __version__
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.files import Library
from desktop_app.documents.ingestion import Ingestion
from desktop_app.documents.model_files import ModelFiles, ModelFilesError
from desktop_app.documents.search import Search
from desktop_app.documents.uploads import Uploads
from desktop_app.interpreter.base import CodeSessions
from desktop_app.models.choice import ModelChoice
from desktop_app.models.local.source import LocalSource
from desktop_app.models.providers.registry import Providers
from desktop_app.models.reader import Reader
from desktop_app.runs.cells import Cells
from desktop_app.runs.engine import RunEngine
from desktop_app.service.feed import Feed
from desktop_app.service.samples import SampleMaker
from desktop_app.service.self_test import SelfTester
from desktop_app.settings.options import Settings
from desktop_app.settings.paths import DataDir, code_dir, models_dir
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.store.kept_blobs import KeptBlobs
from desktop_app.store.vector_stores import existing_stores
from desktop_app.wire.code import SandboxState
from desktop_app.wire.extensions import Change, ModelFilesState, ServiceStatus

EXPIRY_INTERVAL_S = 60.0
ERASE_PATIENCE_S = 2.0
WARM_UP_AFTER_S = 0.5
"""The window's first lists come before: what is imported meanwhile would slow them down."""

_log = logging.getLogger(__name__)


class Rooms:
    """What routes work with. `start` on the event loop, `close` at the end."""

    def __init__(self, data_dir: DataDir, settings: Settings) -> None:
        self.data_dir = data_dir
        self.settings = settings
        self.database = Database(data_dir.database)
        self.blobs = Blobs(data_dir.files)
        self._kept = KeptBlobs(self.database, self.blobs)
        self.library = Library(self.database, self._kept)
        self.uploads = Uploads(self.database, self.blobs, self._kept, self.library)
        self.samples = SampleMaker(self.database, self.library)
        self.feed = Feed()
        self.publish = self.feed.publish
        self.model_files = ModelFiles(models_dir())
        self.search = Search(self.database, data_dir.index, self.embedder)
        self.ingestion = Ingestion(self.database, self.blobs, settings, self.embedder, self.publish)
        self.providers = Providers(settings, data_dir.root)
        self.local = LocalSource(models_dir(), data_dir.root, settings.local_model_idle_s, self._tell_model)
        self.models = ModelChoice(self.providers, Reader(self.embed, self.read), [self.local])
        self.cells = Cells(self.database, self.blobs, self.library, self._open_sessions, settings.code_sessions)
        self.engine = RunEngine(
            self.database,
            self.blobs,
            self.cells,
            self.search,
            self.ingestion,
            self.models,
            self.embed,
            settings,
            self.publish,
        )
        self.self_tester = SelfTester()
        self._embedder_lock = threading.Lock()
        self._eraser = ThreadPoolExecutor(1, thread_name_prefix="erase")
        self._expiring: asyncio.Task[None] | None = None
        self._warming = threading.Timer(WARM_UP_AFTER_S, self._warm_up)
        self._warming.name = "warm up"
        self._warming.daemon = True

    def embedder(self) -> Embedder:
        """The embedder, made at the first use; blocks while the model files are fetched. Raises ModelFilesError."""
        with self._embedder_lock:
            return self._embedder

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors [n, 384]; blocks as `embedder` does."""
        return self.embedder().embed(texts)

    def read(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The places and the vectors of a text's tokens, as `Embedder.read`; blocks as `embedder` does."""
        return self.embedder().read(text)

    async def status(self) -> ServiceStatus:
        sandbox = await asyncio.to_thread(self.cells.sandbox)
        return ServiceStatus(
            version=__version__,
            data_dir=str(self.data_dir.root),
            provider=await self.models.provider_host(),
            reader_answers=await self.models.reader_answers(),
            model_files=self.model_files.state,
            sandbox=SandboxState(level=sandbox.level, message=sandbox.message),
        )

    def erase(self, vector_store_ids: Sequence[str] = ()) -> None:
        """After a deletion: leave nothing of it in the indexes of these stores and in the database's log.

        Blocks for a moment; what takes longer goes on behind, and after a kill at the next start.
        """
        wait_for([self._eraser.submit(self._erase, vector_store_ids)], ERASE_PATIENCE_S)

    async def start(self) -> None:
        """Clear what a kill left behind, and go on where it was."""
        await asyncio.to_thread(self._kept.sweep)
        self.feed.open()
        await self.engine.recover()
        self.ingestion.start()
        self._eraser.submit(self._tidy)
        self._warming.start()
        self._expiring = asyncio.create_task(self._delete_expired(), name="delete expired files")

    async def end_streams(self) -> None:
        """End what clients listen to, so that their connections can close."""
        self.feed.close()
        await self.engine.close()
        await self.cells.close()

    async def close(self) -> None:
        self._warming.cancel()
        if self._expiring is not None:
            self._expiring.cancel()
            with suppress(asyncio.CancelledError):
                await self._expiring
        await self.local.close()
        await self.ingestion.stop()
        await asyncio.to_thread(self._eraser.shutdown, cancel_futures=True)
        self.search.close()
        self.database.close()

    def _open_sessions(self) -> CodeSessions:
        from desktop_app.interpreter.limits import Limits
        from desktop_app.interpreter.manager import CodeSessionManager

        return CodeSessionManager(code_dir(), [self.data_dir.root], Limits.of(self.settings))

    @cached_property
    def _embedder(self) -> Embedder:
        self.model_files.ensure(self._tell_model_files)
        return Embedder(self.model_files.model, self.model_files.tokenizer)

    def _warm_up(self) -> None:
        """So that the first question need not wait, and a first start shows the progress of the model files."""
        import desktop_app.service.params  # noqa: F401  # the first check of a body would import it

        try:
            self.embedder()
        except ModelFilesError as error:
            _log.warning("%s", error)
            self.publish(Change(kind="status", id="model_files"))

    def _tell_model_files(self, _: ModelFilesState) -> None:
        self.publish(Change(kind="status", id="model_files"))

    def _tell_model(self, model_id: str) -> None:
        self.publish(Change(kind="model", id=model_id))

    def _erase(self, vector_store_ids: Sequence[str]) -> None:
        try:
            with self.database.read() as connection:
                existing = existing_stores(connection, vector_store_ids)
            for store_id in vector_store_ids:
                if store_id in existing:
                    self.search.purge(store_id)
                else:
                    self.search.forget(store_id)
            self.database.erase()
        except Exception:
            _log.exception("What was deleted could not be erased at once; the next start does it.")

    def _tidy(self) -> None:
        try:
            self.search.tidy()
            self.database.erase()
        except Exception:
            _log.exception("Search indexes could not be tidied.")

    async def _delete_expired(self) -> None:
        while True:
            await asyncio.to_thread(self.uploads.clear)
            for file in await asyncio.to_thread(self.library.delete_expired):
                await asyncio.to_thread(self.erase, file.vector_store_ids)
                self.publish(Change(kind="file", id=file.id, action="deleted"))
            await asyncio.sleep(EXPIRY_INTERVAL_S)
