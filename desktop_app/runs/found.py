"""The passages that a run has found, numbered: the mark `[3]` in its answer names the third."""

from typing import Any

from desktop_app.documents.passages import SearchHit
from desktop_app.models.base import Passage
from desktop_app.store.database import Connection
from desktop_app.store.documents import read_text


class Found:
    """Grows over all searches of a run; a passage found twice keeps its number."""

    def __init__(self) -> None:
        self.hits: list[SearchHit] = []
        self.searched = False
        """Whether there was a search at all, if only one that found nothing."""

    def add(self, hit: SearchHit) -> Passage:
        """The passage as models are shown it, with its mark."""
        places = [_place(known) for known in self.hits]
        if _place(hit) not in places:
            self.hits.append(hit)
            places.append(_place(hit))
        number = places.index(_place(hit)) + 1
        return Passage(marker=f"[{number}]", file_name=hit.file_name, text=hit.text, score=hit.score)


def recall(connection: Connection, result: dict[str, Any]) -> SearchHit:
    """A stored search result as it was found; its text is empty when the document is gone."""
    text = passage_text(connection, result)
    place = {name: result[name] for name in ("file_id", "file_name", "start", "end", "score")}
    return SearchHit(chunk=0, vector_store_id="", text=text, **place)


def passage_text(connection: Connection, result: dict[str, Any]) -> str:
    """The text of a stored search result; "" when the document is gone."""
    return (read_text(connection, result["file_id"]) or "")[result["start"] : result["end"]]


def _place(hit: SearchHit) -> tuple[str, int, int]:
    return hit.file_id, hit.start, hit.end
