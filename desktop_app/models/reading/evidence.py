"""How well each sentence answers a question: a few features, and weights fitted on questions of our own.

The development questions are those of tests/benchmarks/reader_development.json; tests/benchmarks/reader.py --fit
prints the weights.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.models.base import Passage
from desktop_app.models.reading.passages import Sentence
from desktop_app.models.reading.question import Kind, Question
from desktop_app.models.reading.words import terms

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]

_EMBEDDED = 40
"""Sentences compared by meaning; the others share too few words with the question. Each costs about 4 ms."""
_SAME_BEGINNING = 5
_ALMOST = 0.7
"""What a word counts that only begins like the one asked for ("administrator", "administration")."""

_NUMBER = (
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|half|dozen|once|twice|no)\b)"
)
_UNIT = r"(?:second|minute|hour|day|week|month|quarter|year|decade|century|centurie|night)s?\b"
_SHOWING = {
    Kind.DURATION: rf"{_NUMBER}[\w\s.,-]{{0,20}}?{_UNIT}|\b(?:daily|weekly|monthly|yearly|annually|immediately|"
    rf"forever|once|until|permanent\w*|(?:a|an|per|each|one|every) {_UNIT})",
    Kind.MONEY: r"[$€£¥]|\b(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|cents?|free|price|fee)\b|\d",
    Kind.NUMBER: _NUMBER,
    Kind.TIME: r"\b(?:1\d|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\d\s?[ap]\.?m\b|\b(?:january|february|march|april|may|june|"
    r"july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|"
    rf"midnight|morning|evening|today|tomorrow|before|after|until|when|once|during|upon|as soon)\b|\b{_UNIT}",
    Kind.PERSON: r"(?-i:(?<=[\w,;:(] )[A-Z][\w'’.-]+|^[A-Z][\w'’-]+ [A-Z][\w'’-]+)|\b(?:manager|director|owner|team|"
    r"author|user|administrator|employee|tenant|landlord|department|developer|leader|secretary|everyone|people)s?\b",
    Kind.PLACE: r"\b(?:in|at|on|from|to|under|near|into|inside) |/\w+|https?:|www\.",
    Kind.REASON: r"\b(?:because|since|so that|in order to|due to|reason|therefore|thus|otherwise|as a result|for|"
    r"to (?:avoid|prevent|ensure|protect|make|keep|allow)|this (?:is|means|allows|prevents)|caus\w+)\b",
    Kind.MANNER: r"\b(?:by|use|using|run|type|click|press|select|choose|set|add|open|with|via|through|edit|enter|can|"
    r"must|should|need|have to)\b",
}
_CUES = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _SHOWING.items()}
"""What a sentence has that gives the kind of answer that is asked for."""


@dataclass(frozen=True)
class Evidence:
    """A sentence and the probability that it answers."""

    sentence: Sentence
    probability: float
    vector: Floats
    features: Floats


FEATURES = (
    "own", "near", "passage", "heaviest_own", "heaviest_near", "names_near", "names_passage",
    "cosine", "cosine_read", "cue", "no_cue", "title", "question", "lead", "row", "short", "first",
)  # fmt: skip
WEIGHTS = np.array(
    [2.0, 2.5, 1.5, 0.8, 0.8, 0.8, 1.0, 3.0, 3.0, 0.5, -0.8, -1.5, -1.5, -0.3, 0.2, -0.8, 0.3], np.float32
)
BIAS = -7.0


def judge(
    question: Question, passages: Sequence[Passage], sentences: Sequence[Sentence], embed: Embed
) -> list[Evidence]:
    """The sentences most worth quoting, best first."""
    weights = _importance(question, sentences)
    pools = [_Pool(question, weights, frozenset(terms(f"{each.file_name} {each.text}"))) for each in passages]
    lexical = [_lexical(question, weights, sentence, pools[sentence.passage]) for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda at: -_worth(lexical[at]))[:_EMBEDDED]
    chosen = [sentences[at] for at in order]
    asked, *vectors = embed([question.text, *(f"{each.heading}\n{each.text}".strip() for each in chosen)])
    found = []
    for at, sentence, vector in zip(order, chosen, vectors, strict=True):
        cosine = float(vector @ asked)
        features = np.array([*lexical[at][:7], cosine, cosine * lexical[at][1], *lexical[at][7:]], np.float32)
        probability = 1 / (1 + math.exp(-float(features @ WEIGHTS) - BIAS))
        found.append(Evidence(sentence, probability, vector, features))
    return sorted(found, key=lambda evidence: -evidence.probability)


class _Pool:
    """What a whole passage has of a question."""

    def __init__(self, question: Question, weights: dict[str, float], stems: frozenset[str]) -> None:
        self.covered = _covered(weights, stems)
        self.names = _share(question.names, stems)


def _lexical(question: Question, weights: dict[str, float], sentence: Sentence, pool: _Pool) -> list[float]:
    near = sentence.stems | sentence.around | (sentence.after.stems if sentence.after else frozenset())
    heaviest = max(weights, key=lambda term: weights[term], default="")
    cue = _CUES.get(question.kind)
    has_cue = cue is not None and cue.search(sentence.text) is not None
    return [
        _covered(weights, sentence.stems),
        _covered(weights, near),
        pool.covered,
        _match(heaviest, sentence.stems),
        _match(heaviest, near),
        _share(question.names, near),
        pool.names,
        float(has_cue),
        float(cue is not None and not has_cue),
        float(sentence.is_title),
        float(sentence.is_question),
        float(sentence.leads),
        float(sentence.is_row),
        float(len(sentence.stems) < 4),
        1 / (1 + sentence.passage),
    ]


def _worth(lexical: Sequence[float]) -> float:
    """What decides which sentences are embedded: words in common, and how good the search thought the passage."""
    return lexical[0] + lexical[1] + 0.5 * lexical[-1] - lexical[9]


def _importance(question: Question, sentences: Sequence[Sentence]) -> dict[str, float]:
    """The weights of the question's words with their rarity in the passages, summing to 1."""
    count = len(sentences)
    weights = {}
    for term, weight in question.weights.items():
        having = sum(term in sentence.stems for sentence in sentences)
        weights[term] = weight * math.log((count + 1.5) / (having + 0.5))
    total = sum(weights.values()) or 1.0
    return {term: weight / total for term, weight in weights.items()}


def _covered(weights: dict[str, float], stems: frozenset[str]) -> float:
    return sum(weight * _match(term, stems) for term, weight in weights.items())


def _share(names: frozenset[str], stems: frozenset[str]) -> float:
    return sum(_match(name, stems) for name in names) / len(names) if names else 1.0


def _match(term: str, stems: frozenset[str]) -> float:
    if term in stems:
        return 1.0
    if len(term) < _SAME_BEGINNING or term[0].isdigit():
        return 0.0
    beginning = term[:_SAME_BEGINNING]
    return _ALMOST if any(stem.startswith(beginning) for stem in stems) else 0.0
