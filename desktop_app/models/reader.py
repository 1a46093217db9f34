"""The built-in reader: answers with the words of the documents and nothing else, without a key or a network."""

import asyncio
import re
from collections.abc import AsyncIterator

from desktop_app.models.base import Finished, ModelError, ModelPart, ModelRequest, TextDelta, Usage
from desktop_app.models.prompting import question_start
from desktop_app.models.reading.evidence import judge
from desktop_app.models.reading.likeness import Read
from desktop_app.models.reading.passages import read_passages
from desktop_app.models.reading.question import Task, understand
from desktop_app.models.reading.quoting import Quote, choose
from desktop_app.models.reading.summary import Embed, summarise
from desktop_app.wire.answers import NOT_FOUND

GREETING = (
    "Hello! Ask me something about your documents: I answer with the sentences that say it, and show you where they "
    "stand."
)
NO_DOCUMENTS = "There are no documents to answer from yet. Add some, then ask again."
NEEDS_MODEL = (
    "The built-in reader quotes what the documents say; to count, compare, translate or write, a language model is "
    "needed. Connect one with DESKSIDE_PROVIDER_URL, or with provider_url in settings.json of the data folder."
)
RUNS_NO_CODE = (
    "This assistant works with Python code, which the built-in reader does not write; a language model is needed. "
    "Connect one with DESKSIDE_PROVIDER_URL, or with provider_url in settings.json of the data folder."
)
BLIND = (
    "The built-in reader reads text only. Send the message without images, or connect a model that can see with "
    "DESKSIDE_PROVIDER_URL."
)

_PIECE_WORDS = 3
_CHARS_PER_TOKEN = 4

_SPECIAL = re.compile(r"`|~~~|[\[［](?=\s*\^?\d)|【")
_NUMBERED = re.compile(r"\A(\d+)([.)])(?=\s)")
_PIECE = re.compile(rf"(?:\S+\s*){{1,{_PIECE_WORDS}}}")


class Reader:
    """A `Model` that needs none. `embed` gives a unit vector per text, `read` the tokens of a text in context."""

    name = "reader"
    calls_tools = False

    def __init__(self, embed: Embed, read: Read) -> None:
        self._embed = embed
        self._read = read

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The answer in pieces of a few words, as `Model.stream` promises."""
        asked = question_start([turn.role for turn in request.turns])
        if any(turn.images for turn in request.turns[asked:]):
            raise ModelError(BLIND, "invalid_prompt")
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
            runs_code = any(tool.name == "code_interpreter" for tool in request.tools)
            return RUNS_NO_CODE if runs_code else NO_DOCUMENTS
        if question.task is Task.COMBINE:
            return NEEDS_MODEL
        sentences = read_passages(request.passages)
        if question.task is Task.SUMMARISE:
            quotes = summarise(question, sentences, request.passages, self._embed)
        else:
            quotes = choose(judge(question, request.passages, sentences, self._read), request.passages)
        if not quotes:
            return NEEDS_MODEL if question.asks_to_combine else NOT_FOUND
        return "\n\n".join(_written(quote) for quote in quotes)


def _written(quote: Quote) -> str:
    """The sentences, list items and rows on lines of their own, then the passage's marker."""
    written = ""
    for sentence in quote.sentences:
        gap = "\n" if sentence.is_item or sentence.is_row else " "
        written += (gap if written else "") + _literal(sentence.text)
    if sum(sentence.is_item for sentence in quote.sentences) == 1:
        written = _NUMBERED.sub(r"\1\\\2", written)  # alone it is no list: the number is part of what is quoted
    return f"{written} {quote.passage.marker}"


def _literal(text: str) -> str:
    """`text` so that nothing in it is taken for code or for a citation mark."""
    return _SPECIAL.sub(r"\\\g<0>", text)
