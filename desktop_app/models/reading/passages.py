"""The sentences of the passages found, each once, with what stands around it: the reader's whole world."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.models.base import Passage
from desktop_app.models.reading.words import terms
from desktop_app.models.sentences import split_sentences

_TITLE_CHARS = 90
_QUESTION_CHARS = 200
_LEAD_REACH = 12
"""How many sentences after "...:" are still read with that line."""
_ITEMS = 8
"""List items that belong to the line that introduces them."""

_ROW = re.compile(r"\||[^;:]{1,60}: [^;]+; [^;:]{1,60}: ")
_ITEM = re.compile(r"(?:[-*+•◦▪‣·–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_NO_TITLE = re.compile(r"[-*+•◦▪‣·–—|]|(?:[\d.]+ )?+\D*\d|.*[.,;:!。！？][\"'”’)\]*_]*$", re.DOTALL)
"""Items, lines with figures other than the number of a section, and lines that end like a sentence."""
_ENDED = re.compile(r".*[.,;:!?。！？][\"'”’)\]*_]*$", re.DOTALL)
_FIGURES = re.compile(r"\d+")
_RUNNING = 3
"""So many lines that differ in their figures alone, or twice the same in a passage, head or end every page."""
_NAME_PARTS = re.compile(r"[_.\-]+")
_CONTENTS = re.compile(r"(?:\. ?){5}|[-_=~*.]{8}")
"""Dots that lead to a page number, or a ruled line."""
_DIVIDED = re.compile(r"(?<=[^\W\d_]-)\s+(?!(?:and|or|to|und|oder|bis)\b)(?=[^\W\d_])")
"""A word divided after its hyphen, at the end of a line or by the reading; not "full- and part-time"."""
_REFERRING = re.compile(
    r"(?:it|its|they|their|this|these|those|that|he|she|his|her|such|there|both|here|however|but|also|then|otherwise|"
    r"simply|in this case|in that case|if so|if not|the (?:former|latter|same))\b",
    re.IGNORECASE,
)


@dataclass(eq=False)
class Sentence:
    """A sentence of a passage.

    `text` is it with single spaces and no divided words, `below` its place under its heading, from 1, `around` the
    stems of what it is read with: the name of the file, its heading, the line that introduces its list.
    """

    passage: int
    start: int
    end: int
    text: str
    stems: frozenset[str]
    heading: "Sentence | None" = None
    below: int = 0
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
    def is_contents(self) -> bool:
        """Whether it belongs to a table of contents, or has no words at all."""
        return _CONTENTS.search(self.text) is not None

    @property
    def refers_back(self) -> bool:
        """Whether it can hardly be understood without the one before."""
        return _REFERRING.match(self.text) is not None

    @property
    def leads(self) -> bool:
        """Whether what it says comes after it."""
        return self.text.endswith(":")

    def introduced(self) -> list["Sentence"]:
        """What a line that leads introduces: the sentence after it, and the list items from there on."""
        found: list[Sentence] = []
        after = self.after if self.leads else None
        while after is not None and len(found) < _ITEMS and (after.is_item or not found):
            found.append(after)
            after = after.after
        return found


def read_passages(passages: Sequence[Passage]) -> list[Sentence]:
    """All sentences in the order of the passages; what overlapping passages share comes once."""
    read = [
        [_sentence(passage, number, start, end) for start, end in split_sentences(passage.text)]
        for number, passage in enumerate(passages)
    ]
    running = _running_lines(read)
    found: list[Sentence] = []
    seen: set[tuple[str, str]] = set()
    for passage, sentences in zip(passages, read, strict=True):
        kept = [each for each in sentences if each.text not in running and any(sign.isalpha() for sign in each.text)]
        _connect(kept, file_stems(passage.file_name))
        for sentence in kept:
            key = (passage.file_name, sentence.text)
            if key not in seen:
                seen.add(key)
                found.append(sentence)
    return found


def file_stems(name: str) -> frozenset[str]:
    """The stems of a file's name."""
    return frozenset(terms(_NAME_PARTS.sub(" ", name)))


def _running_lines(read: Sequence[Sequence[Sentence]]) -> set[str]:
    """Lines that head or end every page: they say nothing about what stands under them."""
    variants: dict[str, set[str]] = {}
    running = set()
    for sentences in read:
        short = [
            each.text
            for each in sentences
            if len(each.text) <= _TITLE_CHARS and not (each.is_row or each.is_item or _ENDED.match(each.text))
        ]
        running |= {text for text, count in Counter(short).items() if count > 1 and len(text.split()) > 1}
        for text in short:
            if len(_FIGURES.sub("", text).split()) > 1:
                variants.setdefault(_FIGURES.sub("0", text), set()).add(text)
    return running.union(*(texts for texts in variants.values() if len(texts) >= _RUNNING))


def _sentence(passage: Passage, number: int, start: int, end: int) -> Sentence:
    text = " ".join(_DIVIDED.sub("", passage.text[start:end]).split())
    return Sentence(number, start, end, text, frozenset(terms(text)), is_title=_is_title(passage.text, start, end))


def _is_title(text: str, start: int, end: int) -> bool:
    """Whether a sentence heads what follows: a short line of its own, or a paragraph that is a question."""
    if text[:start].rstrip(" \t")[-1:] not in ("", "\n"):
        return False
    paragraph_end = text.find("\n\n", start)
    paragraph = text[start : paragraph_end if paragraph_end >= 0 else len(text)].rstrip()
    if paragraph.endswith("?") and len(paragraph) <= _QUESTION_CHARS:
        return True
    if text[end : end + 1] not in ("", "\n") or end - start > _TITLE_CHARS:
        return False
    line = text[start:end]
    return line.startswith("#") or not (_NO_TITLE.match(line) or _ROW.match(line))


def _connect(sentences: list[Sentence], name: frozenset[str]) -> None:
    """Tell each sentence its neighbours, its heading, and the line that introduces its list."""
    heading: Sentence | None = None
    lead, below, reach = None, 0, 0
    for at, sentence in enumerate(sentences):
        sentence.before = sentences[at - 1] if at else None
        sentence.after = sentences[at + 1] if at + 1 < len(sentences) else None
        sentence.heading, sentence.below = heading, below
        sentence.around = name
        if heading is not None:
            sentence.around |= heading.stems
        if lead is not None and reach:
            sentence.around |= lead.stems
        below, reach = below + 1, reach - 1
        if sentence.is_title:
            heading, lead, below = sentence, None, 1
        if sentence.leads:
            lead, reach = sentence, _LEAD_REACH
