"""Writes a model's answer with its marks turned into citations: which passage, which words of it, on which page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_app.documents.location import locate
from desktop_app.documents.passages import SearchHit
from desktop_app.models.sentences import split_sentences
from desktop_app.runs.alignment import Aligned, Embed, align, find_verbatim
from desktop_app.runs.answer import Answer
from desktop_app.runs.claims import Claim, Prose
from desktop_app.runs.file_links import FileLinks
from desktop_app.runs.found import Found
from desktop_app.runs.markers import Mark, MarkParser
from desktop_app.runs.words import bag_of
from desktop_app.store.database import Database
from desktop_app.store.documents import pages_between
from desktop_app.wire.answers import NOT_FOUND
from desktop_app.wire.errors import ApiError
from desktop_app.wire.extensions import Citation

UNMARKED_BAR = 0.75
"""Share of a sentence that a passage must hold again before it is cited without the model having said so."""
_UNMARKED_WORDS = 3
"""A sentence of fewer words says too little to be recognised."""
_UNMARKED_CITATIONS = 4


@dataclass(frozen=True)
class _Waiting:
    """A mark whose claim is not written yet, and where it stands in the answer and in the prose."""

    mark: str
    hit: SearchHit
    start: int
    at: int


class Citer:
    """Finds the place that a claim rests on. Blocks: reads the database and may embed."""

    def __init__(self, database: Database, embed: Embed) -> None:
        self._database = database
        self._embed = embed

    def cite(self, claim: Claim, hit: SearchHit) -> dict[str, Any]:
        """The `file_citation` for a claim about this passage: words of it, or as much as is sure."""
        aligned = (
            find_verbatim(claim.stretch, hit.text)
            or find_verbatim(claim.text, hit.text)
            or align(claim.text, hit.text, self._embed)
        )
        return self.place(hit, aligned) if aligned is not None else self._place_on_page(claim, hit)

    def find(self, sentence: str, hits: list[SearchHit]) -> tuple[SearchHit, Aligned] | None:
        """The passage that says nearly all of `sentence`, and where, for an answer without marks."""
        words = bag_of(sentence).words
        if len(words) < _UNMARKED_WORDS:
            return None
        best: tuple[SearchHit, Aligned] | None = None
        for hit in hits:
            if len(words & bag_of(hit.text).words) < UNMARKED_BAR * len(words):
                continue
            aligned = align(sentence, hit.text, self._embed, UNMARKED_BAR)
            if aligned is not None and (best is None or aligned.share > best[1].share):
                best = hit, aligned
        return best

    def place(self, hit: SearchHit, aligned: Aligned) -> dict[str, Any]:
        return self._locate(hit, hit.start + aligned.start, hit.start + aligned.end, exact=True)

    def _place_on_page(self, claim: Claim, hit: SearchHit) -> dict[str, Any]:
        """The passage as a whole; of one over several pages, the part on the page that has most words of the claim."""
        with self._database.read() as connection:
            pages = pages_between(connection, hit.file_id, hit.start, hit.end)
        words = bag_of(claim.text).words
        parts = [
            (max(page.start, hit.start), min(page.start + len(page.text), hit.end))
            for page in pages
            if page.start < hit.end
        ] or [(hit.start, hit.end)]

        def common(part: tuple[int, int]) -> int:
            return len(words & bag_of(hit.text[part[0] - hit.start : part[1] - hit.start]).words)

        return self._locate(hit, *max(parts, key=common), exact=False)

    def _locate(self, hit: SearchHit, start: int, end: int, *, exact: bool) -> dict[str, Any]:
        try:
            citation = locate(self._database, hit.file_id, start, end, exact=exact)
        except ApiError:  # deleted since it was found
            citation = Citation(file_id=hit.file_id, file_name=hit.file_name, quote="", exact=False)
        return citation.model_dump()


class CitingWriter:
    """Takes the model's text; `answer` gets text, citations and file paths.

    `position` counts the thread's messages from 0; `files` are those of the code interpreter, ids by name.
    """

    def __init__(
        self, answer: Answer, position: int, found: Found, citer: Citer, files: Mapping[str, str] | None = None
    ) -> None:
        self.answer = answer
        self._position = position
        self._hits = found.hits
        self._citer = citer
        self._parser = MarkParser(
            lambda number: 1 <= number <= len(self._hits),
            lambda: found.searched,
        )
        self._links = FileLinks(answer, files or {})
        self._prose = Prose()
        self._waiting: list[_Waiting] = []

    async def add(self, text: str) -> None:
        for part in self._parser.feed(text):
            await self._take(part)

    async def finish(self, *, complete: bool = True) -> None:
        """No more text comes. Unless `complete`, the answer was cut off and nothing more is looked up."""
        for part in self._parser.feed("", last=True):
            await self._take(part)
        self._links.finish()
        await self._cite_waiting(last=True)
        cited = any(annotation["type"] == "file_citation" for annotation in self.answer.annotations)
        if complete and not cited and self._hits and NOT_FOUND not in self._prose.text:
            await self._cite_unmarked()
        self.answer.close()

    async def _take(self, part: str | Mark) -> None:
        if isinstance(part, str):
            self._prose.write(part)
            self.answer.add(part)
            self._links.follow(part)
            if "\n" in part:
                await self._cite_waiting()
            return
        await self._cite_waiting()
        claim = self._prose.claim()
        for number in part.numbers:
            hit = self._hits[number - 1]
            mark = self._mark(hit)
            if claim.text:
                self.answer.cite(mark, await asyncio.to_thread(self._citer.cite, claim, hit))
            else:
                self._waiting.append(_Waiting(mark, hit, self.answer.length, len(self._prose.text)))
                self.answer.add(mark)

    async def _cite_waiting(self, *, last: bool = False) -> None:
        """Annotate the marks whose words have come since."""
        still = []
        for waiting in self._waiting:
            claim = self._prose.following(waiting.at, last=last)
            if claim.text or last:
                citation = await asyncio.to_thread(self._citer.cite, claim, waiting.hit)
                self.answer.annotate("file_citation", waiting.mark, waiting.start, citation)
            else:
                still.append(waiting)
        self._waiting = still

    async def _cite_unmarked(self) -> None:
        """The answer cites nothing: put the places that say the same at its end."""
        text = self._prose.text
        cited: set[tuple[str, int]] = set()
        for start, end in split_sentences(text):
            found = await asyncio.to_thread(self._citer.find, text[start:end], self._hits)
            if found is None or (found[0].file_id, found[0].start + found[1].start) in cited:
                continue
            hit, aligned = found
            if not cited and not text[-1].isspace():
                self.answer.add(" ")
            cited.add((hit.file_id, hit.start + aligned.start))
            self.answer.cite(self._mark(hit), await asyncio.to_thread(self._citer.place, hit, aligned))
            if len(cited) == _UNMARKED_CITATIONS:
                break

    def _mark(self, hit: SearchHit) -> str:
        """The protocol's form, with the file's name: 【4:0†handbook.pdf】."""
        name = hit.file_name.replace("【", "(").replace("】", ")")
        return f"【{self._position}:{self._hits.index(hit)}†{name}】"
