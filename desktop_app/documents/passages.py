"""What a search finds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SearchHit:
    """One chunk found by a search. `start` and `end` are code points in the document's text; `score` is 0..1."""

    chunk: int
    vector_store_id: str
    file_id: str
    file_name: str
    start: int
    end: int
    text: str
    score: float
    attributes: dict[str, Any] = field(default_factory=dict)
