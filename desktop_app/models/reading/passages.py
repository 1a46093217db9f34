"""The sentences of the passages found, each once, with what stands around it: the reader's whole world."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.models.base import Passage
from desktop_app.models.reading.words import terms
from desktop_app.models.sentences import split_sentences

_HEADING_CHARS = 90
_LEAD_REACH = 12
"""How many list items after "...:" are still read with that line."""

_ROW = re.compile(r"\||[^;:]{1,60}: [^;]+(?:; [^;:]{1,60}: |$)")
_ITEM = re.compile(r"(?:[-*+•◦▪‣·–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_ENDED = re.compile(r"[.!?。！？][\"'”’)\]*_]*$")
_SCORED_NAME = re.compile(r"[_.\-]+")


@dataclass(eq=False)
class Sentence:
    """A sentence of a passage. `text` is it with single spaces; `around` are the stems of what it is read with."""

    passage: int
    start: int
    end: int
    text: str
    stems: frozenset[str]
    heading: str = ""
    around: frozenset[str] = frozenset()
    before: "Sentence | None" = None
    after: "Sentence | None" = None
    is_title: bool = False

    @property
    def is_question(self) -> bool:
        return self.text.endswith("?")

    @property
    def is_row(self) -> bool:
        return _ROW.match(self.text) is not None

    @property
    def is_item(self) -> bool:
        return _ITEM.match(self.text) is not None

    @property
    def leads(self) -> bool:
        """Whether what it says comes after it."""
        return self.text.endswith(":")


def read_passages(passages: Sequence[Passage]) -> list[Sentence]:
    """All sentences in the order of the passages; what overlapping passages share comes once."""
    found: list[Sentence] = []
    seen: set[tuple[str, str]] = set()
    for number, passage in enumerate(passages):
        name = frozenset(terms(_SCORED_NAME.sub(" ", passage.file_name)))
        sentences = [_sentence(passage, number, start, end) for start, end in split_sentences(passage.text)]
        _connect(sentences, name)
        for sentence in sentences:
            key = (passage.file_name, sentence.text)
            if key not in seen and any(sign.isalnum() for sign in sentence.text):
                seen.add(key)
                found.append(sentence)
    return found


def _sentence(passage: Passage, number: int, start: int, end: int) -> Sentence:
    text = " ".join(passage.text[start:end].split())
    alone = passage.text[:start].rstrip(" \t")[-1:] in ("", "\n") and passage.text[end : end + 1] in ("", "\n")
    is_title = alone and (text.startswith("#") or _looks_like_title(text))
    return Sentence(number, start, end, text, frozenset(terms(text)), is_title=is_title)


def _looks_like_title(text: str) -> bool:
    if len(text) > _HEADING_CHARS or _ROW.match(text) or text[0] in "-*+•◦▪‣·–—|":
        return False
    return text.endswith("?") or not (_ENDED.search(text) or text[-1] in ",;:")


def _connect(sentences: list[Sentence], name: frozenset[str]) -> None:
    """Tell each sentence its neighbours, its heading, and the line that introduces its list."""
    heading: Sentence | None = None
    lead, reach = None, 0
    for at, sentence in enumerate(sentences):
        sentence.before = sentences[at - 1] if at else None
        sentence.after = sentences[at + 1] if at + 1 < len(sentences) else None
        around = set(name)
        if heading is not None:
            sentence.heading = heading.text
            around |= heading.stems
        if lead is not None and reach:
            around |= lead.stems
            reach -= 1
        if sentence.before is not None:
            around |= sentence.before.stems
        sentence.around = frozenset(around)
        if sentence.is_title:
            heading, lead = sentence, None
        if sentence.leads:
            lead, reach = sentence, _LEAD_REACH
