"""All rooms of the service put together over one data folder."""

import asyncio
import threading
from contextlib import suppress
from functools import cached_property
from urllib.parse import urlsplit

from desktop_app import __version__
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.files import Library
from desktop_app.documents.ingestion import Ingestion
from desktop_app.documents.model_files import ModelFiles
from desktop_app.models.choice import ModelChoice
from desktop_app.models.reader import Reader
from desktop_app.service.feed import Feed
from desktop_app.settings.options import Settings
from desktop_app.settings.paths import DataDir, models_dir
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.wire.extensions import Change, ModelFilesState, ServiceStatus

EXPIRY_INTERVAL_S = 60.0


class Rooms:
    """What routes work with. `start` on the event loop, `close` at the end."""

    def __init__(self, data_dir: DataDir, settings: Settings) -> None:
        self.data_dir = data_dir
        self.settings = settings
        self.database = Database(data_dir.database)
        self.blobs = Blobs(data_dir.files)
        self.library = Library(self.database, self.blobs)
        self.feed = Feed()
        self.publish = self.feed.publish
        self.model_files = ModelFiles(models_dir())
        self.models = ModelChoice(settings, Reader(lambda texts: self.embedder().embed(texts)))
        self._embedder_lock = threading.Lock()
        self.ingestion = Ingestion(self.database, self.blobs, settings, self.embedder, self.publish)
        self._expiring: asyncio.Task[None] | None = None

    def embedder(self) -> Embedder:
        """The embedder, made at the first use; blocks while the model files are fetched. Raises ModelFilesError."""
        with self._embedder_lock:
            return self._embedder

    @cached_property
    def _embedder(self) -> Embedder:
        self.model_files.ensure(self._tell_model_files)
        return Embedder(self.model_files.model, self.model_files.tokenizer)

    def status(self) -> ServiceStatus:
        return ServiceStatus(
            version=__version__,
            data_dir=str(self.data_dir.root),
            provider=urlsplit(self.settings.provider_url).hostname or "",
            model_files=self.model_files.state,
        )

    async def start(self) -> None:
        """Clear what a kill left behind, and go on where it was."""
        await asyncio.to_thread(self.library.sweep)
        self.feed.open()
        self.ingestion.start()
        self._expiring = asyncio.create_task(self._delete_expired(), name="delete expired files")

    async def end_streams(self) -> None:
        """End what clients listen to, so that their connections can close."""
        self.feed.close()

    async def close(self) -> None:
        if self._expiring is not None:
            self._expiring.cancel()
            with suppress(asyncio.CancelledError):
                await self._expiring
        await self.ingestion.stop()
        self.database.close()

    def _tell_model_files(self, _: ModelFilesState) -> None:
        self.publish(Change(kind="status", id="model_files"))

    async def _delete_expired(self) -> None:
        while True:
            for file in await asyncio.to_thread(self.library.delete_expired):
                self.publish(Change(kind="file", id=file.id, action="deleted"))
            await asyncio.sleep(EXPIRY_INTERVAL_S)
