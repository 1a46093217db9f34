"""The file_search tool of one run: its stores and its options."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from desktop_app.documents.passages import SearchHit
from desktop_app.documents.stores import refuse_expired
from desktop_app.models.base import Passage
from desktop_app.runs.found import Found
from desktop_app.store.assistants import assistant_row
from desktop_app.store.database import Connection
from desktop_app.store.threads import thread_row
from desktop_app.store.vector_stores import touch_stores
from desktop_app.wire.errors import ApiError
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


def open_stores(connection: Connection, run: dict[str, Any]) -> Stores:
    """Both the assistant's and the thread's stores, renewed by being used; a deleted assistant has none.

    Raises ApiError 400 when one of them is expired.
    """
    try:
        assistant = assistant_row(connection, run["assistant_id"])
    except ApiError:
        assistant = {}
    stores = Stores(_store_ids(assistant), _store_ids(thread_row(connection, run["thread_id"])))
    for store_id in stores.all:
        refuse_expired(connection, store_id)
    touch_stores(connection, stores.all, int(time.time()))
    return stores


def _store_ids(owner: dict[str, Any]) -> tuple[str, ...]:
    resources = (owner.get("tool_resources") or {}).get("file_search") or {}
    return tuple(resources.get("vector_store_ids") or ())


class FileSearch:
    """Searches for one run, in `threads`, and adds to what it has found."""

    def __init__(
        self,
        search: Search,
        threads: Executor,
        stores: Sequence[str],
        tool: dict[str, Any],
        found: Found,
        status_text: str,
    ) -> None:
        options = tool.get(TOOL) or {}
        ranking = options.get("ranking_options") or {}
        self._search = search
        self._threads = threads
        self._stores = stores
        self._limit = options.get("max_num_results") or FILE_SEARCH_RESULTS_DEFAULT
        self._threshold = ranking.get("score_threshold") or 0.0
        self._ranker = ranking.get("ranker") or "auto"
        self._found = found
        self.status_text = status_text
        """What the run says while it searches."""

    async def search(self, query: str) -> list[tuple[Passage, SearchHit]]:
        """The passages for `query`, best first."""
        search = partial(self._search.search, score_threshold=self._threshold)
        loop = asyncio.get_running_loop()
        hits = await loop.run_in_executor(self._threads, search, self._stores, [query], self._limit)
        self._found.searched = True
        return [(self._found.add(hit), hit) for hit in hits]

    def call(self, call_id: str, arguments: str | None, hits: Sequence[SearchHit]) -> dict[str, Any]:
        """The tool call as its run step keeps it: places in documents, not their text (store/run_steps.py).

        `arguments` are the model's; None when the engine searched first.
        """
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
        return _step_call(call_id, arguments, ranking, results)


def empty_call(call_id: str, arguments: str) -> dict[str, Any]:
    """A search where there is nothing to search."""
    return _step_call(call_id, arguments, {"ranker": "auto", "score_threshold": 0.0}, [])


def _step_call(
    call_id: str, arguments: str | None, ranking: dict[str, Any], results: list[dict[str, Any]]
) -> dict[str, Any]:
    search = {"ranking_options": ranking, "results": results}
    return {"id": call_id, "type": TOOL, "arguments": arguments, TOOL: search}
