"""The file_search tool of one run: its stores, its options, and the passages found so far, numbered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from desktop_app.documents.passages import SearchHit
from desktop_app.models.base import Passage
from desktop_app.store.database import Connection
from desktop_app.store.runs import find_assistant, find_thread
from desktop_app.wire.limits import FILE_SEARCH_RESULTS_DEFAULT

TOOL = "file_search"


class Search(Protocol):
    """What a run needs of `documents.search.Search`."""

    def search(
        self,
        vector_store_ids: Sequence[str],
        queries: Sequence[str],
        limit: int,
        filters: dict[str, Any] | None = None,
        score_threshold: float = 0.0,
    ) -> list[SearchHit]: ...


@dataclass(frozen=True)
class Stores:
    """The vector stores of a run; the thread's own is waited for while its files are read."""

    assistant: tuple[str, ...]
    thread: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.assistant, *self.thread)))


def stores_of(connection: Connection, run: dict[str, Any]) -> Stores:
    """Both the assistant's and the thread's stores; a deleted assistant has none."""
    assistant = find_assistant(connection, run["assistant_id"]) or {}
    return Stores(_store_ids(assistant), _store_ids(find_thread(connection, run["thread_id"])))


def _store_ids(owner: dict[str, Any]) -> tuple[str, ...]:
    resources = (owner.get("tool_resources") or {}).get("file_search") or {}
    return tuple(resources.get("vector_store_ids") or ())


class FileSearch:
    """Searches for one run. A passage found twice keeps its number."""

    def __init__(self, search: Search, stores: Sequence[str], tool: dict[str, Any]) -> None:
        options = tool.get(TOOL) or {}
        ranking = options.get("ranking_options") or {}
        self._search = search
        self._stores = stores
        self._limit = options.get("max_num_results") or FILE_SEARCH_RESULTS_DEFAULT
        self._threshold = ranking.get("score_threshold") or 0.0
        self._ranker = ranking.get("ranker") or "auto"
        self._hits: list[SearchHit] = []

    def hit(self, number: int) -> SearchHit | None:
        """The passage that the mark `[number]` names; None when it names none."""
        return self._hits[number - 1] if 1 <= number <= len(self._hits) else None

    @property
    def hits(self) -> Sequence[SearchHit]:
        """All passages of this run, in the order of their numbers."""
        return self._hits

    async def search(self, query: str) -> list[tuple[Passage, SearchHit]]:
        """The passages for `query`, best first."""
        found = await asyncio.to_thread(
            self._search.search, self._stores, [query], self._limit, score_threshold=self._threshold
        )
        return [(self._passage(hit), hit) for hit in found]

    def call(self, call_id: str, hits: Sequence[SearchHit]) -> dict[str, Any]:
        """The tool call as its run step keeps it: places in documents, not their text (store/run_steps.py)."""
        results = [
            {
                "file_id": hit.file_id,
                "file_name": hit.file_name,
                "score": round(hit.score, 6),
                "start": hit.start,
                "end": hit.end,
            }
            for hit in hits
        ]
        ranking = {"ranker": self._ranker, "score_threshold": self._threshold}
        return {"id": call_id, "type": TOOL, TOOL: {"ranking_options": ranking, "results": results}}

    def _passage(self, hit: SearchHit) -> Passage:
        chunks = [known.chunk for known in self._hits]
        if hit.chunk not in chunks:
            self._hits.append(hit)
            chunks.append(hit.chunk)
        number = chunks.index(hit.chunk) + 1
        return Passage(marker=f"[{number}]", file_name=hit.file_name, text=hit.text, score=hit.score)


def empty_call(call_id: str) -> dict[str, Any]:
    """A search where there is nothing to search."""
    return {
        "id": call_id,
        "type": TOOL,
        TOOL: {"ranking_options": {"ranker": "auto", "score_threshold": 0.0}, "results": []},
    }
