"""A library in a temporary folder, and an embedder that is quick and always the same."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from desktop_app.documents.ingestion import Ingestion
from desktop_app.settings.options import Settings
from desktop_app.settings.paths import DataDir
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.store.tables import chunks, embeddings, files, index_changes, pages, vector_store_files, vector_stores
from desktop_app.store.upgrade import upgrade_database
from desktop_app.wire.extensions import Change

_WORD = re.compile(r"\w+|[^\w\s]")


class HashEmbedder:
    """Words are tokens, and a text's vector counts its words: quick, and the same on every machine."""

    model_id = "hashes"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def tokens(self, text: str) -> NDArray[np.int32]:
        return np.array([match.span() for match in _WORD.finditer(text)], dtype=np.int32).reshape(-1, 2)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.lower().split():
                row[sum(word.encode()) % 384] += 1
            row /= np.linalg.norm(row)
        return vectors

    def quantise(self, vectors: NDArray[np.float32]) -> NDArray[np.int8]:
        return np.round(vectors * 127).astype(np.int8)


class SlowEmbedder(HashEmbedder):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(self._seconds)
        return super().embed(texts)


class GatedEmbedder(HashEmbedder):
    """Stops in the middle of a file until `opened` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.opened = threading.Event()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.reached.set()
        self.opened.wait(20)
        return super().embed(texts)


@dataclass
class Library:
    """A database and blobs, with the few things that the service does before ingestion begins."""

    database: Database
    blobs: Blobs
    changes: list[Change] = field(default_factory=list)
    count: int = 0

    def add_store(self, store_id: str = "vs_1") -> str:
        with self.database.write() as connection:
            connection.execute(vector_stores.insert().values(id=store_id, created_at=1, last_active_at=1))
        return store_id

    def add_file(self, name: str, content: bytes) -> str:
        self.count += 1
        blob = self.blobs.save(BytesIO(content), 10**9)
        row = {"id": f"file-{self.count}", "created_at": 1, "filename": name, "purpose": "assistants"}
        with self.database.write() as connection:
            connection.execute(files.insert().values(row | {"bytes": blob.bytes, "sha256": blob.sha256}))
        return row["id"]  # type: ignore[return-value]  # the dict's values are of several types

    def enqueue(self, file_id: str, store_id: str = "vs_1", chunking: tuple[int, int] = (800, 400)) -> None:
        strategy = {"static": {"max_chunk_size_tokens": chunking[0], "chunk_overlap_tokens": chunking[1]}}
        row = {"vector_store_id": store_id, "file_id": file_id, "created_at": 1, "status": "in_progress"}
        with self.database.write() as connection:
            connection.execute(
                vector_store_files.insert().values(row | {"chunking_strategy": {"type": "static", **strategy}})
            )

    def add(self, name: str, content: bytes, store_id: str = "vs_1") -> str:
        file_id = self.add_file(name, content)
        self.enqueue(file_id, store_id)
        return file_id

    def execute(self, statement: sa.Executable) -> None:
        with self.database.write() as connection:
            connection.execute(statement)

    def store_file(self, file_id: str, store_id: str = "vs_1") -> sa.RowMapping:
        with self.database.read() as connection:
            return (
                connection.execute(
                    sa.select(vector_store_files).where(
                        vector_store_files.c.file_id == file_id, vector_store_files.c.vector_store_id == store_id
                    )
                )
                .mappings()
                .one()
            )

    def rows(self, table: sa.Table) -> Sequence[sa.RowMapping]:
        with self.database.read() as connection:
            return connection.execute(sa.select(table)).mappings().all()

    def leftovers(self) -> int:
        """Rows that only a finished file may have."""
        return sum(len(self.rows(table)) for table in (pages, embeddings, chunks, index_changes))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    data_dir = DataDir(tmp_path / "data")
    data_dir.create()
    upgrade_database(data_dir.database, data_dir.backups)
    database = Database(data_dir.database)
    library = Library(database, Blobs(data_dir.files))
    library.add_store()
    yield library
    database.close()


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
async def make_ingestion(library: Library, embedder: HashEmbedder):  # type: ignore[no-untyped-def]
    """Start ingestion with the given settings; all of them end with the test."""
    started: list[Ingestion] = []

    def make(get_embedder: Callable[[], object] | None = None, **settings: object) -> Ingestion:
        ingestion = Ingestion(
            library.database,
            library.blobs,
            Settings(**settings),  # type: ignore[arg-type]  # checked by pydantic
            get_embedder or (lambda: embedder),  # type: ignore[arg-type]  # it has what ingestion uses
            library.changes.append,
        )
        ingestion.start()
        started.append(ingestion)
        return ingestion

    yield make
    for ingestion in started:
        await ingestion.stop()
