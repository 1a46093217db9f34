"""The file_search tool of one run: its stores and its options."""

import asyncio
import json
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from desktop_app.documents.passages import SearchHit
from desktop_app.documents.stores import refuse_expired
from desktop_app.models.base import FunctionTool, Passage
from desktop_app.models.prompting import render_passages
from desktop_app.runs.calls import Call
from desktop_app.runs.found import Found
from desktop_app.store.assistants import assistant_row
from desktop_app.store.database import Connection
from desktop_app.store.threads import thread_row
from desktop_app.store.vector_stores import touch_stores
from desktop_app.wire.answers import NOT_FOUND
from desktop_app.wire.errors import ApiError
from desktop_app.wire.limits import FILE_SEARCH_RESULTS_DEFAULT

TOOL = "file_search"
_OFFERED = FunctionTool(
    name=TOOL,
    description="Search the documents. Each passage found is preceded by its citation mark, such as [1].",
    parameters={
        "type": "object",
        "properties": {"query": {"type": "string", "description": "What to look for, in a few words or a question."}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
_GUIDANCE = (
    "Answer from the passages of the documents. After each sentence that uses a passage write the passage's mark, "
    f"such as [1]; write no other marks. If the passages do not answer the question, say: {NOT_FOUND}"
)


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


@dataclass
class SearchCall(Call):
    """A call of the search; `searched` is the search with its results, as the step keeps it."""

    searched: dict[str, Any] | None = None

    type = TOOL

    def begun(self) -> dict[str, Any]:
        return {TOOL: {}}

    def kept(self) -> dict[str, Any]:
        return self.searched or _step_call(self.id, self.arguments, {"ranker": "auto", "score_threshold": 0.0}, [])

    def query(self) -> str:
        """The `query` argument; models that don't keep to the schema are met half way."""
        try:
            arguments = json.loads(self.arguments)
        except ValueError:
            return self.arguments.strip()
        if isinstance(arguments, dict):
            arguments = arguments.get("query") or arguments.get("queries") or ""
        if isinstance(arguments, list):
            arguments = " ".join(str(query) for query in arguments)
        return str(arguments)


class FileSearch:
    """Searches for one run, in `threads`, and adds to what it has found; `question` is for calls without a query."""

    offered = _OFFERED
    guidance = _GUIDANCE

    def __init__(
        self,
        search: Search,
        threads: Executor,
        stores: Sequence[str],
        tool: dict[str, Any],
        found: Found,
        question: str,
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
        self._question = question
        self.status_text = status_text

    async def do(self, call: SearchCall) -> str:
        return render_passages(await self._find(call, call.query() or self._question, call.arguments))

    async def search_first(self, call: SearchCall) -> list[Passage]:
        """The passages for the question itself, where no model has asked for a search."""
        return await self._find(call, self._question, None)

    async def _find(self, call: SearchCall, query: str, arguments: str | None) -> list[Passage]:
        """The passages for `query`, best first, which `call` keeps too."""
        search = partial(self._search.search, score_threshold=self._threshold)
        loop = asyncio.get_running_loop()
        hits = await loop.run_in_executor(self._threads, search, self._stores, [query], self._limit)
        self._found.searched = True
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
        call.searched = _step_call(call.id, arguments, ranking, results)
        return [self._found.add(hit) for hit in hits]


def _step_call(
    call_id: str, arguments: str | None, ranking: dict[str, Any], results: list[dict[str, Any]]
) -> dict[str, Any]:
    """As its run step keeps it: places in documents, not their text (store/run_steps.py).

    `arguments` are the model's; None when the engine searched first.
    """
    search = {"ranking_options": ranking, "results": results}
    return {"id": call_id, "type": TOOL, "arguments": arguments, TOOL: search}
