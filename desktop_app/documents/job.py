"""What is done for one file of the queue: read it, embed it, and make it searchable in one transaction."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from desktop_app.documents import chunking
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.parsing.pages import NO_TEXT, ParsedPage, UnreadableFileError
from desktop_app.documents.parsing.process import ParserWorker
from desktop_app.store import documents as rows
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from desktop_app.wire.limits import CHUNK_OVERLAP_DEFAULT, CHUNK_TOKENS_DEFAULT

Stage = Literal["waiting", "reading", "embedding"]

_CHECK_INTERVAL_S = 1.0


class NotWantedError(Exception):
    """The file, its store or its place in the queue is gone, or it was cancelled: nothing of it may be left."""


@dataclass(frozen=True)
class Tools:
    """What every job needs. `embedder` may block while model files are fetched, and raise their error.

    `threads` embed: all of them for one file, so that a single large one does not wait on one core.
    """

    database: Database
    blobs: Blobs
    embedder: Callable[[], Embedder]
    threads: Executor


class Job:
    """One file on its way into one store. `report(stage, progress)` is called often; it must be cheap."""

    def __init__(
        self, file: rows.QueuedFile, tools: Tools, worker: ParserWorker, report: Callable[[Stage, float], None]
    ) -> None:
        self._file = file
        self._tools = tools
        self._worker = worker
        self._report = report
        self._checked_at = time.monotonic()

    def run(self) -> None:
        """Raises UnreadableFileError, NotWantedError, StoppedError, or what the embedder raises."""
        with self._tools.database.read() as connection:
            text = rows.read_text(connection, self._file.file_id)
        pages: list[rows.PageRow] = []
        if text is None:
            pages = self._read()
            text = "\n".join(page.text for page in pages)
        embedder = self._tools.embedder()
        self._progress("embedding", 0.0)
        offsets = chunking.bounded(embedder.tokens(text))
        if not len(offsets):
            raise UnreadableFileError(NO_TEXT)
        with self._tools.database.read() as connection:
            vector_bytes = rows.embeddings_bytes(connection, self._file.file_id, embedder.model_id)
        embedding = self._embed(embedder, text, offsets) if vector_bytes is None else None
        spans = chunking.chunks(text, offsets, *_chunk_sizes(self._file))
        with self._tools.database.write() as connection:
            if not rows.is_queued(connection, self._file.seq):
                raise NotWantedError
            if pages:
                rows.replace_pages(connection, self._file.file_id, pages)
            if embedding is not None:
                vector_bytes = len(embedding[1])
                rows.save_embeddings(connection, self._file.file_id, embedder.model_id, *embedding)
            usage_bytes = len(text.encode()) + (vector_bytes or 0)
            rows.mark_completed(connection, self._file, spans.tolist(), usage_bytes)

    def _read(self) -> list[rows.PageRow]:
        self._progress("reading", 0.0)

        def on_page(page: ParsedPage, page_count: int) -> None:
            self._progress("reading", page.number / page_count if page_count else 0.0)

        path = self._tools.blobs.path(self._file.sha256)
        return _with_starts(self._worker.parse(path, self._file.file_name, on_page))

    def _embed(self, embedder: Embedder, text: str, offsets: chunking.Spans) -> tuple[bytes, bytes]:
        """The windows' spans and vectors, as the database keeps them."""
        spans = chunking.windows(text, offsets, self._file.file_name, embedder.tokens)
        header = chunking.header(self._file.file_name)

        def embed(span: tuple[int, int]) -> NDArray[np.int8]:
            # One by one: batches are slower on one thread and need more memory.
            return embedder.quantise(embedder.embed([header + text[slice(*span)]]))

        vectors = []
        for vector in self._tools.threads.map(embed, spans.tolist()):
            vectors.append(vector)
            self._progress("embedding", len(vectors) / len(spans))
        return spans.astype("<i4").tobytes(), np.concatenate(vectors).tobytes()

    def _progress(self, stage: Stage, progress: float) -> None:
        """Report, and from time to time look whether the result is still wanted."""
        self._report(stage, progress)
        now = time.monotonic()
        if now - self._checked_at >= _CHECK_INTERVAL_S:
            self._checked_at = now
            with self._tools.database.read() as connection:
                if not rows.is_queued(connection, self._file.seq):
                    raise NotWantedError


def _with_starts(pages: Sequence[ParsedPage]) -> list[rows.PageRow]:
    start, placed = 0, []
    for page in pages:
        place = page.number, page.label, start
        placed.append(rows.PageRow(*place, page.text, page.width, page.height, page.words, page.blank))
        start += len(page.text) + 1
    return placed


def _chunk_sizes(file: rows.QueuedFile) -> tuple[int, int]:
    static = (file.chunking_strategy or {}).get("static", {})
    return (
        static.get("max_chunk_size_tokens", CHUNK_TOKENS_DEFAULT),
        static.get("chunk_overlap_tokens", CHUNK_OVERLAP_DEFAULT),
    )
