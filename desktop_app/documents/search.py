"""Search over vector stores: both legs of each store's index, fused, joined back to the database."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.documents.analyser import query_terms
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.filters import compile_filter
from desktop_app.documents.fusion import fuse
from desktop_app.documents.index.base import DamagedIndexError, Scored
from desktop_app.documents.index.local import LocalIndexes
from desktop_app.documents.index.replay import Replay
from desktop_app.documents.passages import SearchHit
from desktop_app.store import index as rows
from desktop_app.store.database import Database

CANDIDATES = 200
"""Taken from each leg."""


class Search:
    """Thread-safe; every call blocks. `embedder` may block too, and raise ModelFilesError."""

    def __init__(self, database: Database, index_dir: Path, embedder: Callable[[], Embedder]) -> None:
        self._database = database
        self._embedder = embedder
        self._indexes = LocalIndexes(index_dir)
        self._replay = Replay(database, self._indexes)

    def search(
        self,
        vector_store_ids: Sequence[str],
        queries: Sequence[str],
        limit: int,
        filters: Mapping[str, Any] | None = None,
        score_threshold: float = 0.0,
    ) -> list[SearchHit]:
        """The best chunks for any of the queries, best first, with scores in 0..1; at most `limit`.

        Finds whatever was searchable before the call. Raises FilterError and ModelFilesError.
        """
        allowed = self._allowed(vector_store_ids, filters)
        scores: dict[int, float] = {}
        for query in queries:
            for chunk, score in self._fused(vector_store_ids, _encodable(query), allowed).items():
                scores[chunk] = max(score, scores.get(chunk, 0.0))
        wanted = [chunk for chunk, score in scores.items() if score >= score_threshold]
        wanted.sort(key=lambda chunk: (-scores[chunk], chunk))
        return self._hits(wanted, scores, limit)

    def purge(self, vector_store_id: str) -> None:
        """Leave nothing of removed files in the store's index: to be called, in a thread, after removing any.

        Costs about 1 second per 2,000 chunks that stay. Searches go on meanwhile.
        """
        self._replay.purge(vector_store_id)

    def forget(self, vector_store_id: str) -> None:
        """Remove the index of a deleted store."""
        self._replay.forget(vector_store_id)

    def tidy(self) -> None:
        """Finish at start what a killed service left: indexes of deleted stores, and removed files in others."""
        with self._database.read() as connection:
            existing = rows.all_stores(connection)
        for store_id in self._indexes.stores():
            if store_id in existing:
                self.purge(store_id)
            else:
                self.forget(store_id)

    def close(self) -> None:
        self._indexes.close()

    def _allowed(
        self, store_ids: Collection[str], filters: Mapping[str, Any] | None
    ) -> Mapping[str, Collection[str]] | None:
        """The files of each store that pass the filters; None without filters."""
        if filters is None:
            return None
        passes = compile_filter(filters)
        with self._database.read() as connection:
            attributes = {store_id: rows.file_attributes(connection, store_id) for store_id in store_ids}
        return {
            store_id: {file_id for file_id, own in files.items() if passes(own)}
            for store_id, files in attributes.items()
        }

    def _fused(
        self, store_ids: Sequence[str], query: str, allowed: Mapping[str, Collection[str]] | None
    ) -> dict[int, float]:
        """Scores 0..1 of the candidates for one query, by chunk id."""
        if not query.strip():
            return {}
        embedder = self._embedder()
        vector, terms = embedder.embed([query])[0], query_terms(query)
        dense, lexical = [], []
        for store_id in dict.fromkeys(store_ids):
            files = None if allowed is None else allowed[store_id]
            found = self._legs(store_id, embedder.model_id, vector, terms, files)
            dense.append(found[0])
            lexical.append(found[1])
        return fuse(_best(dense), _best(lexical))

    def _legs(
        self,
        store_id: str,
        model: str,
        vector: NDArray[np.float32],
        terms: Mapping[str, int],
        files: Collection[str] | None,
    ) -> tuple[Scored, Scored]:
        """What each leg finds in one store."""
        index = self._replay.current(store_id, model)
        try:
            return index.dense(vector, CANDIDATES, files), index.lexical(terms, CANDIDATES, files)
        except DamagedIndexError:
            self._replay.forget(store_id)
            index = self._replay.current(store_id, model)
            return index.dense(vector, CANDIDATES, files), index.lexical(terms, CANDIDATES, files)

    def _hits(self, wanted: Sequence[int], scores: Mapping[int, float], limit: int) -> list[SearchHit]:
        """The first `limit` of the wanted chunks that may be shown."""
        hits: list[SearchHit] = []
        now = int(time.time())
        with self._database.read() as connection:
            for begin in range(0, len(wanted), limit):
                some = wanted[begin : begin + limit]
                existing = rows.existing_chunks(connection, some, now)
                hits.extend(
                    SearchHit(**vars(existing[chunk]), score=scores[chunk]) for chunk in some if chunk in existing
                )
                if len(hits) >= limit:
                    break
        return hits[:limit]


def _best(found: Sequence[Scored]) -> dict[int, float]:
    """The candidates of one leg from all stores, by chunk id."""
    chunks = np.concatenate([each.chunks for each in found]) if found else np.empty(0, np.int64)
    scores = np.concatenate([each.scores for each in found]) if found else np.empty(0, np.float32)
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    return dict(zip(chunks[best].tolist(), scores[best].tolist(), strict=True))


def _encodable(query: str) -> str:
    """JSON may smuggle in half characters, which no tokenizer takes."""
    return query.encode("utf-8", "replace").decode("utf-8")
