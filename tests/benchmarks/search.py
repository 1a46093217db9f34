"""CPU time of a search without the question's embedding, and how near the index comes to exact search.

The stores hold synthetic chunks: their vectors are mixes of real ones with noise, their texts sentences of real
documents in random order.
"""

import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles
from desktop_app.documents.parsing.formats import read_document
from desktop_app.documents.search import Search
from desktop_app.settings.paths import DataDir, models_dir
from desktop_app.store.database import Database
from desktop_app.store.documents import PageRow, record_index_change, replace_pages, save_embeddings
from desktop_app.store.tables import chunks, files, vector_store_files, vector_stores
from desktop_app.store.upgrade import upgrade_database
from tests.benchmarks.ingestion import FILES

SIZES = {5_000: "<= 3 ms", 100_000: "<= 10 ms"}
_CHUNKS_PER_FILE = 50
_SENTENCES_PER_CHUNK = 6
_QUESTIONS = 60
_STORE = "vs_benchmark"


def run() -> Iterator[tuple[str, str, str]]:
    model_files = ModelFiles(models_dir())
    model_files.ensure()
    embedder = Embedder(model_files.model, model_files.tokenizer)
    chance = np.random.default_rng(1)
    sentences = _sentences()
    picked = chance.choice(len(sentences), 1_000 + _QUESTIONS, replace=False)
    known = embedder.embed([sentences[each] for each in picked])
    questions = [sentences[each] for each in picked[:_QUESTIONS]]
    asked = dict(zip(questions, known[:_QUESTIONS], strict=True))
    for size, goal in SIZES.items():
        with tempfile.TemporaryDirectory() as place:
            vectors = _mixes(known[_QUESTIONS:], size, chance)
            data_dir = _make_library(Path(place), vectors, sentences, embedder, chance)
            yield from _measure(data_dir, size, goal, vectors, asked)


def _measure(
    data_dir: DataDir, size: int, goal: str, vectors: NDArray[np.float32], asked: dict[str, NDArray[np.float32]]
) -> Iterator[tuple[str, str, str]]:
    database = Database(data_dir.database)
    search = Search(database, data_dir.index, lambda: _Known(asked))  # type: ignore[arg-type]  # it has what search uses
    start = time.process_time()
    search.search([_STORE], [next(iter(asked))], 10)
    built = time.process_time() - start
    times = []
    for question in asked:
        start = time.process_time()
        search.search([_STORE], [question], 10)
        times.append(time.process_time() - start)
    index = search._indexes.open(_STORE)
    assert index is not None
    recalls = []
    for vector in asked.values():
        exact = np.argpartition(-(vectors @ vector), 10)[:10] + 1  # chunk ids count from 1
        recalls.append(len(np.intersect1d(exact, index.dense(vector, 10).chunks)) / 10)
    database.close()
    name = f"{size:,} chunks"
    yield f"search, {name}, CPU p50 without the question's embedding", f"{statistics.median(times) * 1e3:.1f} ms", goal
    yield f"search, {name}, recall@10 of the dense leg", f"{statistics.mean(recalls):.3f}", ">= 0.98"
    yield f"search, {name}, index made from the database", f"{size / built:,.0f} chunks/cpu-s", ">= 5,000"


class _Known:
    """Stands in for the embedder, whose time is not what is measured."""

    model_id = Embedder.model_id

    def __init__(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        self._vectors = vectors

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])


def _sentences() -> list[str]:
    texts = [page.text for path in FILES for page in read_document(path, path.name)[1]]
    return [each for each in re.split(r"(?<=[.!?])\s+", " ".join(texts)) if 40 < len(each) < 400]


def _mixes(known: NDArray[np.float32], size: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """float32 [size, 384], of length 1: three real vectors in random shares, and a fifth of noise."""
    shares = chance.dirichlet((0.6, 0.6, 0.6), size).astype(np.float32)
    rows = chance.integers(len(known), size=(size, 3))
    mixed = sum(shares[:, [part]] * known[rows[:, part]] for part in range(3))
    noise = chance.standard_normal(mixed.shape, np.float32)
    mixed += 0.2 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.asarray(mixed, np.float32)


def _make_library(
    place: Path,
    vectors: NDArray[np.float32],
    sentences: Sequence[str],
    embedder: Embedder,
    chance: np.random.Generator,
) -> DataDir:
    """A library whose chunk i + 1 has the vector i."""
    data_dir = DataDir(place / "data")
    data_dir.create()
    upgrade_database(data_dir.database, data_dir.backups)
    database = Database(data_dir.database)
    with database.write() as connection:
        connection.execute(vector_stores.insert().values(id=_STORE, created_at=1, last_active_at=1))
        for number, begin in enumerate(range(0, len(vectors), _CHUNKS_PER_FILE)):
            file_id = f"file-{number}"
            mine = vectors[begin : begin + _CHUNKS_PER_FILE]
            picked = chance.integers(len(sentences), size=(len(mine), _SENTENCES_PER_CHUNK))
            texts = [" ".join(sentences[each] for each in row) for row in picked]
            ends = np.cumsum([len(text) + 1 for text in texts]).astype(np.int32)
            spans = np.stack([np.concatenate([[0], ends[:-1]]), ends - 1], axis=1).astype("<i4")
            pair = {"vector_store_id": _STORE, "file_id": file_id}
            row = {"id": file_id, "filename": f"report {number}.txt", "purpose": "assistants", "sha256": "0"}
            connection.execute(files.insert().values(row | {"created_at": 1, "bytes": 1}))
            connection.execute(vector_store_files.insert().values(pair | {"created_at": 1, "status": "completed"}))
            replace_pages(connection, file_id, [PageRow(1, "", 0, " ".join(texts), 0, 0, None)])
            quantised = embedder.quantise(mine)
            save_embeddings(connection, file_id, embedder.model_id, spans.tobytes(), quantised.tobytes())
            rows = [pair | {"start": start, "end": end} for start, end in spans.tolist()]
            connection.execute(chunks.insert(), rows)
            record_index_change(connection, _STORE, file_id)
    database.close()
    return data_dir
