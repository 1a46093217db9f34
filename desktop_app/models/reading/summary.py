"""The central sentences of each document: those that most others of it resemble (LexRank)."""

from collections.abc import Callable, Sequence

import numpy as np

from desktop_app.models.base import Passage
from desktop_app.models.reading.likeness import Floats
from desktop_app.models.reading.passages import Sentence, file_stems
from desktop_app.models.reading.question import Question
from desktop_app.models.reading.quoting import Quote

Embed = Callable[[Sequence[str]], Floats]
"""Unit vectors of texts, [n, width]."""

_SENTENCES = 3
"""Quoted per document."""
_DOCUMENTS = 4
_COMPARED = 24
"""Sentences of a document that are embedded, about 4 ms each."""
_WORDS = range(6, 60)
"""How many telling words a sentence has that can stand for others."""
_RESEMBLES = 0.3
_ALIKE = 0.8
_DAMPING = 0.85
_ROUNDS = 30


def summarise(
    question: Question, sentences: Sequence[Sentence], passages: Sequence[Passage], embed: Embed
) -> list[Quote]:
    """Quotes of up to three sentences per document, in reading order; the documents as the search ordered them.

    Only those that the question names, if it names some.
    """
    documents: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        if len(sentence.stems) in _WORDS and not (
            sentence.is_title or sentence.is_question or sentence.is_row or sentence.is_contents
        ):
            documents.setdefault(passages[sentence.passage].file_name, []).append(sentence)
    named = [name for name in documents if not file_stems(name).isdisjoint(question.weights)]
    quotes = []
    for found in [documents[name] for name in named or documents][:_DOCUMENTS]:
        step = max(1, len(found) // _COMPARED)
        for sentence in _central(found[::step][:_COMPARED], embed):
            quotes.append(Quote(passages[sentence.passage], (sentence,)))
    return quotes


def _central(sentences: Sequence[Sentence], embed: Embed) -> list[Sentence]:
    vectors = embed([sentence.text for sentence in sentences])
    likeness = vectors @ vectors.T
    links = np.where(likeness >= _RESEMBLES, likeness, 0.0)
    links /= links.sum(axis=1, keepdims=True)
    rank = np.full(len(sentences), 1 / len(sentences))
    for _ in range(_ROUNDS):
        rank = (1 - _DAMPING) / len(sentences) + _DAMPING * rank @ links
    chosen: list[int] = []
    for at in np.argsort(-rank, kind="stable").tolist():
        if len(chosen) < _SENTENCES and all(likeness[at, other] < _ALIKE for other in chosen):
            chosen.append(at)
    return [sentences[at] for at in sorted(chosen, key=lambda at: (sentences[at].passage, sentences[at].start))]
