"""What search needs of an index, whatever keeps it. Fusing the two legs, filters and texts are matters of search."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Scored(NamedTuple):
    """What one leg finds, best first: chunk ids int64 [n] and their scores float32 [n]."""

    chunks: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class IndexedFile:
    """A file as the index takes it in.

    `chunks`: ids int64 [c]; `terms`: the terms of each chunk; `vectors`: windows int8 [w, dimensions], compared by
    cosine; `owners` int32 [p, 2]: pairs of a window's row and the position of a chunk it belongs to, ordered by row.
    """

    file_id: str
    chunks: NDArray[np.int64]
    terms: list[list[str]]
    vectors: NDArray[np.int8]
    owners: NDArray[np.int32]


class DamagedIndexError(Exception):
    """What is kept of an index can't be read. It is a cache: forget it, and it is made again from the database."""


class Index(Protocol):
    """The index of one store. Many threads may search while one updates. Any call may raise DamagedIndexError."""

    @property
    def model(self) -> str:
        """The embedder whose vectors it holds."""

    @property
    def seq(self) -> int:
        """The number of the last change that it holds; 0 when it is new."""

    @property
    def keeps_deleted(self) -> bool:
        """Whether something of removed files is still on disk, though no search finds it."""

    def update(self, changed: Collection[str], files: Iterable[IndexedFile], seq: int) -> None:
        """Replace what it holds of the files `changed` by `files`, all or nothing; it then holds `seq`."""

    def dense(self, vector: NDArray[np.float32], count: int, files: Collection[str] | None) -> Scored:
        """Chunks by the cosine of their best window with `vector` (unit length), of `files` only unless None."""

    def lexical(self, terms: Mapping[str, int], count: int, files: Collection[str] | None) -> Scored:
        """Chunks by BM25 for any of the `terms`, weighted by how often each is asked for."""


class Indexes(Protocol):
    """The indexes of all stores. Safe for many threads, as long as one at a time updates or renews a store."""

    def open(self, store_id: str, model: str | None = None) -> Index | None:
        """The store's index for `model`: a new, empty one if there is none, or only a damaged one or another model's.

        Without `model` the one that is there, or None.
        """

    def renew(self, store_id: str, fill: Callable[[Index], None]) -> None:
        """Replace the store's index by a new one that `fill` has updated; searches find the old one until then."""

    def stores(self) -> list[str]:
        """The stores of which anything is kept."""

    def forget(self, store_id: str) -> None:
        """Remove all there is of a store."""
