"""The built-in reader: answers with the words of the documents and nothing else, without a key or a network."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from threading import Lock

import numpy as np

from desktop_app.models.base import Finished, ModelPart, ModelRequest, TextDelta, Usage
from desktop_app.models.reading.evidence import Embed, Floats, judge
from desktop_app.models.reading.passages import read_passages
from desktop_app.models.reading.question import Task, understand
from desktop_app.models.reading.quoting import Quote, choose
from desktop_app.models.reading.summary import summarise
from desktop_app.wire.answers import NOT_FOUND

GREETING = (
    "Hello! Ask me something about your documents: I answer with the sentences that say it, and show you where they "
    "stand."
)
NO_DOCUMENTS = "There are no documents to answer from yet. Add some, then ask again."
NEEDS_MODEL = (
    "The built-in reader quotes what the documents say; to count, compare, translate or write, a language model is "
    "needed. Connect one in the settings, or set DESKSIDE_PROVIDER_URL."
)

_PIECE_WORDS = 3
_CHARS_PER_TOKEN = 4
_REMEMBERED = 4096
"""Sentences whose vectors are kept: 6 MB."""

_SPECIAL = re.compile(r"`|~~~|[\[［](?=\s*\^?\d)|【")
_PIECE = re.compile(rf"(?:\S+\s*){{1,{_PIECE_WORDS}}}")


class Reader:
    """A `Model` that needs none. `embed` gives a unit vector per text."""

    name = "reader"
    calls_tools = False

    def __init__(self, embed: Embed) -> None:
        self._embed = _Remembering(embed)

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The answer in pieces of a few words, as `Model.stream` promises."""
        text = await asyncio.to_thread(self.answer, request)
        for piece in _PIECE.findall(text):
            yield TextDelta(piece)
            await asyncio.sleep(0)
        read = sum(len(turn.text) for turn in request.turns) + sum(len(each.text) for each in request.passages or ())
        yield Finished("stop", Usage(read // _CHARS_PER_TOKEN, -(-len(text) // _CHARS_PER_TOKEN)))

    def answer(self, request: ModelRequest) -> str:
        """The whole answer, in Markdown; blocks for up to a third of a second."""
        question = understand(request.turns)
        if question.task is Task.GREET:
            return GREETING
        if not request.passages:
            return NO_DOCUMENTS
        if question.task is Task.COMBINE:
            return NEEDS_MODEL
        sentences = read_passages(request.passages)
        if question.task is Task.SUMMARISE:
            quotes = summarise(question, sentences, request.passages, self._embed)
        else:
            quotes = choose(judge(question, request.passages, sentences, self._embed), request.passages)
        if not quotes:
            return NEEDS_MODEL if question.asks_to_combine else NOT_FOUND
        return "\n\n".join(_written(quote) for quote in quotes)


class _Remembering:
    """An embedding function that keeps what it embedded last."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._vectors: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Floats:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known |= dict(zip(new, self._embed(new), strict=True)) if new else {}
        with self._lock:
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        return np.stack([known[text] for text in texts])


def _written(quote: Quote) -> str:
    """The sentences, list items and rows on lines of their own, then the passage's marker."""
    written = ""
    for sentence in quote.sentences:
        gap = "\n" if sentence.is_item or sentence.is_row else " "
        written += (gap if written else "") + _literal(sentence.text)
    return f"{written} {quote.passage.marker}"


def _literal(text: str) -> str:
    """`text` so that nothing in it is taken for code or for a citation mark."""
    return _SPECIAL.sub(r"\\\g<0>", text)
