"""Keeps indexes in step with the database: what changed since an index's own number is read again and replaced."""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.documents import chunking
from desktop_app.documents.analyser import analyse
from desktop_app.documents.index.base import DamagedIndexError, Index, IndexedFile, Indexes
from desktop_app.store import index as rows
from desktop_app.store.database import Connection, Database

PATIENCE_S = 5.0
"""A search waits at most this long for another thread's update; then it uses the index as it is."""

_log = logging.getLogger(__name__)


class Replay:
    """Safe for many threads: one at a time updates a store."""

    def __init__(self, database: Database, indexes: Indexes) -> None:
        self._database = database
        self._indexes = indexes
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def current(self, store_id: str, model: str) -> Index:
        """The store's index for `model`, holding all changes that were committed before this call."""
        index = self._open(store_id, model)
        if self._is_current(store_id, index):
            return index
        lock = self._locks[store_id]
        if lock.acquire(timeout=PATIENCE_S):
            try:
                index = self._open(store_id, model)
                try:
                    self._catch_up(store_id, index)
                except DamagedIndexError:
                    _log.warning("The search index of %s is damaged and is made again.", store_id, exc_info=True)
                    self._indexes.forget(store_id)
                    index = self._open(store_id, model)
                    self._catch_up(store_id, index)
            finally:
                lock.release()
        return index

    def purge(self, store_id: str) -> None:
        """Leave nothing on disk of what was removed from the store. Does nothing where there is no index."""
        with self._locks[store_id]:
            index = self._indexes.open(store_id)
            if index is None:
                return
            try:
                self._catch_up(store_id, index)
                if index.keeps_deleted:
                    self._indexes.renew(store_id, lambda new: self._catch_up(store_id, new))
            except DamagedIndexError:
                self._indexes.forget(store_id)

    def forget(self, store_id: str) -> None:
        """Remove the store's index; it is made again should it be searched."""
        with self._locks[store_id]:
            self._indexes.forget(store_id)

    def _open(self, store_id: str, model: str) -> Index:
        index = self._indexes.open(store_id, model)
        assert index is not None
        return index

    def _is_current(self, store_id: str, index: Index) -> bool:
        with self._database.read() as connection:
            return rows.last_change(connection, store_id) <= index.seq

    def _catch_up(self, store_id: str, index: Index) -> None:
        with self._database.read() as connection:  # one snapshot
            last = rows.last_change(connection, store_id)
            if last > index.seq:
                changed = rows.changed_files(connection, store_id, index.seq)
                index.update(changed, _files(connection, store_id, changed, index.model), last)


def _files(connection: Connection, store_id: str, file_ids: Sequence[str], model: str) -> Iterator[IndexedFile]:
    """Those of the files that are searchable, one at a time."""
    for file_id in file_ids:
        file = rows.file_rows(connection, store_id, file_id, model)
        if file is not None:
            yield indexed_file(file_id, file)


def indexed_file(file_id: str, file: rows.FileRows) -> IndexedFile:
    """What both legs take in of a file; its name stands before each chunk, as it does before each embedded window."""
    header = chunking.header(file.file_name)
    ids, starts, ends = np.array(file.chunks, np.int64).reshape(-1, 3).T
    spans = np.frombuffer(file.spans, "<i4").reshape(-1, 2)
    vectors = np.frombuffer(file.vectors, np.int8)
    return IndexedFile(
        file_id,
        ids,
        [analyse(header + file.text[start:end]) for _, start, end in file.chunks],
        vectors.reshape(len(spans), -1) if len(spans) else np.empty((0, 64), np.int8),
        _owners(spans, starts, ends),
    )


def _owners(spans: NDArray[np.int32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int32]:
    """Pairs of a window and a chunk that contains its middle; a chunk too short for that has the nearest window."""
    if not len(spans):
        return np.empty((0, 2), np.int32)
    middles = spans.sum(axis=1) / 2
    first, last = np.searchsorted(middles, starts), np.searchsorted(middles, ends)
    without = last <= first
    nearest = np.abs(middles[:, None] - ((starts + ends) / 2)[None, without]).argmin(axis=0)
    first[without], last[without] = nearest, nearest + 1
    counts = last - first
    chunk = np.repeat(np.arange(len(starts)), counts)
    window = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
    return np.stack([window, chunk], axis=1)[np.argsort(window, kind="stable")].astype(np.int32)
