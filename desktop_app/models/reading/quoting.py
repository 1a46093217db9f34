"""Which of the judged sentences are quoted, with whom, and in what order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.models.base import Passage
from desktop_app.models.reading.evidence import Evidence
from desktop_app.models.reading.passages import Sentence

THRESHOLD = 0.22
"""Below this probability nothing is quoted.

Held out by document on the development questions it refuses 81 % of what the documents do not say, and 19 % of what
they do say, mostly in other words; 0.3 refuses 89 % and 28 %.
"""
_BESIDE = 0.3
"""A further sentence is quoted when its odds are at least this part of the best one's."""
_ITSELF = 2.0
"""Log odds that a sentence gains in order, not in probability, which has the words of the question itself."""
_QUOTES = 3
_CONSIDERED = 6
"""Of the judged, sentences that may be quoted."""
_ALIKE = 0.9
"""Cosine from which two sentences say the same."""


@dataclass(frozen=True)
class Quote:
    """Adjoining sentences of one passage."""

    passage: Passage
    sentences: tuple[Sentence, ...]


def choose(judged: Sequence[Evidence], passages: Sequence[Passage]) -> list[Quote]:
    """What to quote, in reading order; empty when nothing answers. `judged` is ordered, best first."""
    if not judged or judged[0].probability < THRESHOLD:
        return []
    best, *others = sorted(judged[:_CONSIDERED], key=_worth, reverse=True)
    chosen = [best]
    for evidence in others:
        beside = evidence.sentence in (best.sentence.before, best.sentence.after) and not best.sentence.is_row
        likely = _odds(evidence) >= _BESIDE * _odds(best)
        new = all(float(evidence.vector @ other.vector) < _ALIKE for other in chosen)
        if len(chosen) < _QUOTES and (beside or (likely and new)):
            chosen.append(evidence)
    groups: dict[int, dict[int, Sentence]] = {}
    for evidence in chosen:
        group = groups.setdefault(evidence.sentence.passage, {})
        for sentence in _with_company(evidence.sentence):
            group[sentence.start] = sentence
    quotes = []
    for number in sorted(groups, key=lambda number: (number != best.sentence.passage, number)):
        for run in _runs([groups[number][start] for start in sorted(groups[number])], passages[number].text):
            quotes.append(Quote(passages[number], run))
    return quotes


def _worth(evidence: Evidence) -> float:
    """Its log odds, and how far it has the question's words itself: all sentences share those of their heading."""
    return math.log(_odds(evidence) + 1e-9) + _ITSELF * evidence.features["own"]


def _odds(evidence: Evidence) -> float:
    return evidence.probability / (1 - evidence.probability + 1e-9)


def _with_company(sentence: Sentence) -> list[Sentence]:
    """The sentence with those it makes no sense without: what it refers to, the list it introduces."""
    company = [sentence]
    before = sentence.before
    if (
        before is not None
        and not (before.is_title or before.is_contents)
        and sentence.refers_back
        and not sentence.is_row
    ):
        company.insert(0, before)
    after = sentence.after
    if sentence.is_title and after is not None:
        company.append(after)
    return company + sentence.introduced()


def _runs(sentences: Sequence[Sentence], text: str) -> list[tuple[Sentence, ...]]:
    """Sentences of one passage, those together between which nothing stands."""
    runs: list[list[Sentence]] = []
    for sentence in sentences:
        if runs and not text[runs[-1][-1].end : sentence.start].strip():
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    return [tuple(run) for run in runs]
