"""A run engine on a real SQLite file with a scripted provider; documents are a few texts found by shared words."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from desktop_app.documents.files import Library
from desktop_app.documents.passages import SearchHit
from desktop_app.interpreter.base import CellResult, InputFile, Sandbox, SandboxError
from desktop_app.models.base import Finished, ModelRequest, TextDelta
from desktop_app.models.choice import ModelChoice
from desktop_app.models.providers.registry import Providers
from desktop_app.runs.cells import Cells
from desktop_app.runs.engine import RunEngine
from desktop_app.runs.expiry import Clock
from desktop_app.settings.options import Settings
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.store.kept_blobs import KeptBlobs
from desktop_app.store.tables import assistants, files, messages, pages, threads, vector_store_files, vector_stores
from desktop_app.store.upgrade import upgrade_database
from desktop_app.wire.events import Event
from desktop_app.wire.extensions import Change
from tests.support.scripted_provider import ScriptedProvider, Turn

KEY = "sk-planted-0123456789"


class WordSearch:
    """Finds the passages that share words with the query, best first."""

    def __init__(self) -> None:
        self.hits: list[SearchHit] = []
        self.queries: list[str] = []
        self.calls: list[dict[str, Any]] = []

    def search(
        self,
        vector_store_ids: Sequence[str],
        queries: Sequence[str],
        limit: int,
        filters: dict[str, Any] | None = None,
        score_threshold: float = 0.0,
    ) -> list[SearchHit]:
        self.queries.extend(queries)
        self.calls.append({"stores": list(vector_store_ids), "limit": limit, "threshold": score_threshold})
        asked = set(re.findall(r"\w+", " ".join(queries).lower()))
        shared = [(len(asked & set(re.findall(r"\w+", hit.text.lower()))), hit) for hit in self.hits]
        return [hit for count, hit in sorted(shared, key=lambda pair: -pair[0]) if count][:limit]


class WaitedFor:
    """Ingestion that is done with a store as soon as a run waits for it."""

    def __init__(self) -> None:
        self.stores: list[str] = []

    async def wait_for_store(self, vector_store_id: str, timeout_s: float) -> None:
        self.stores.append(vector_store_id)


class EchoReader:
    """Stands in for the built-in reader: repeats the passages that the engine found."""

    name = "reader"
    calls_tools = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[Any]:
        for passage in request.passages or ():
            yield TextDelta(f"{passage.text} {passage.marker}")
        yield TextDelta(" The end.")
        yield Finished()


def embed(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Hashed letter trigrams: alike words, alike vectors."""
    vectors = np.zeros((len(texts), 384), np.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.lower()):
            for at in range(len(word)):
                vectors[row, zlib.crc32(word[at : at + 3].encode()) % 384] += 1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


class ScriptedSessions:
    """Code sessions that play results in order, each after telling the pieces of its logs; None never ends."""

    sandbox = Sandbox("full", "Scripted.")

    def __init__(self) -> None:
        self.results: list[CellResult | SandboxError | None] = []
        self.cells: list[tuple[str, str, list[str]]] = []
        """Key, code and the names of the inputs of every cell."""
        self.running = asyncio.Event()

    async def run(
        self, key: str, code: str, inputs: Sequence[InputFile] = (), on_logs: Callable[[str], None] | None = None
    ) -> CellResult:
        self.cells.append((key, code, [each.name for each in inputs]))
        result = self.results.pop(0)
        if isinstance(result, SandboxError):
            raise result
        assert on_logs is not None
        if result is None:
            on_logs("begun\n")
            self.running.set()
            await asyncio.Event().wait()
            raise AssertionError
        for line in result.logs.splitlines(keepends=True)[:-1]:
            on_logs(line)
            await asyncio.sleep(0)
        return result

    def prepare(self) -> None:
        pass

    async def end(self, key: str) -> None:
        pass

    async def close(self) -> None:
        pass


@dataclass
class House:
    """The engine with everything around it, and short ways to talk to it."""

    path: Path
    database: Database
    search: WordSearch = field(default_factory=WordSearch)
    ingestion: WaitedFor = field(default_factory=WaitedFor)
    sessions: ScriptedSessions = field(default_factory=ScriptedSessions)
    changes: list[Change] = field(default_factory=list)
    engines: list[RunEngine] = field(default_factory=list)
    on_change: Callable[[Change], object] = lambda change: None

    @property
    def blobs(self) -> Blobs:
        return Blobs(self.path.parent / "files")

    def engine(self, provider_url: str = "", clock: Clock | None = None, **settings: Any) -> RunEngine:
        options = Settings(provider_url=provider_url, provider_key=SecretStr(KEY), **settings)
        models = ModelChoice(Providers(options, self.path.parent), EchoReader())
        library = Library(self.database, KeptBlobs(self.database, self.blobs))
        cells = Cells(self.database, self.blobs, library, lambda: self.sessions, at_once=4)
        engine = RunEngine(
            self.database, self.blobs, cells, self.search, self.ingestion, models, embed, options, self.publish, clock
        )
        self.engines.append(engine)
        return engine

    def publish(self, change: Change) -> None:
        self.changes.append(change)
        self.on_change(change)

    def add_assistant(self, **values: Any) -> str:
        values = {
            "id": "asst_1",
            "created_at": 1,
            "model": "scripted",
            "instructions": "Be brief.",
            "tools": [],
        } | values
        with self.database.write() as connection:
            connection.execute(assistants.insert().values(**values))
        return str(values["id"])

    def add_thread(self, *texts: str, thread_id: str = "thread_1", stores: Sequence[str] = ()) -> str:
        """A thread whose messages alternate between user and assistant."""
        resources = {"file_search": {"vector_store_ids": list(stores)}} if stores else {}
        with self.database.write() as connection:
            connection.execute(
                threads.insert().values(id=thread_id, created_at=1, last_active_at=1, tool_resources=resources)
            )
            for number, text in enumerate(texts):
                connection.execute(
                    messages.insert().values(
                        id=f"msg_{thread_id}_{number}",
                        created_at=1,
                        thread_id=thread_id,
                        role="assistant" if number % 2 else "user",
                        status="completed",
                        content=[{"type": "text", "text": {"value": text, "annotations": []}}],
                    )
                )
        return thread_id

    def add_documents(self, *texts: str, store: str = "vs_1") -> None:
        """One file per text, with one passage and pages divided by form feeds."""
        with self.database.write() as connection:
            connection.execute(vector_stores.insert().values(id=store, created_at=1, last_active_at=1))
            for number, paged in enumerate(texts, 1):
                text = paged.replace("\f", "\n")
                name, file_id = f"{store}-{number}.txt", f"file-{store}-{number}"
                connection.execute(
                    files.insert().values(
                        id=file_id, created_at=1, filename=name, purpose="assistants", bytes=len(text), sha256="0"
                    )
                )
                start = 0
                for page, part in enumerate(paged.split("\f"), 1):
                    place = {"file_id": file_id, "number": page, "label": f"page {page}", "start": start}
                    connection.execute(pages.insert().values(text=part, width=595.0, height=842.0, **place))
                    start += len(part) + 1
                connection.execute(
                    vector_store_files.insert().values(
                        vector_store_id=store, file_id=file_id, created_at=1, status="completed"
                    )
                )
                self.search.hits.append(
                    SearchHit(len(self.search.hits) + 1, store, file_id, name, 0, len(text), text, 0.9)
                )

    def set_in_progress(self, file_id: str) -> None:
        with self.database.write() as connection:
            where = vector_store_files.c.file_id == file_id
            connection.execute(vector_store_files.update().where(where).values(status="in_progress"))

    def expire_store(self, store: str) -> None:
        with self.database.write() as connection:
            connection.execute(vector_stores.update().where(vector_stores.c.id == store).values(expires_at=1))

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(table.select().order_by(table.c.seq)).mappings()]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    upgrade_database(tmp_path / "deskside.sqlite3", tmp_path / "backups")
    house = House(tmp_path / "deskside.sqlite3", Database(tmp_path / "deskside.sqlite3"))
    yield house
    for engine in house.engines:
        await engine.close()
    house.database.close()


@pytest.fixture
def scripted() -> Any:
    """`scripted(Turn(...), ...)`: a provider that plays these turns."""
    running: list[ScriptedProvider] = []

    def start(*turns: Turn, **options: Any) -> ScriptedProvider:
        running.append(ScriptedProvider(turns, **options).__enter__())
        return running[-1]

    yield start
    for provider in running:
        provider.__exit__()


async def run_events(
    engine: RunEngine, thread_id: str = "thread_1", coalesce_ms: int = 0, **params: Any
) -> list[Event]:
    """Create a run, start it, and collect its whole stream."""
    run = await asyncio.to_thread(engine.create, thread_id, {"assistant_id": "asst_1", **params})
    engine.start(run["id"])
    return [event async for event in engine.stream(run["id"], coalesce_ms)]


def text_of(events: Sequence[Event]) -> str:
    parts = [
        part for event in events if event.name == "thread.message.delta" for part in event.data["delta"]["content"]
    ]
    return "".join(part["text"].get("value", "") for part in parts if part["type"] == "text")


Start = Callable[..., ScriptedProvider]
