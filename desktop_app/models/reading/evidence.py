"""How well each sentence answers a question: a few features, and weights fitted on questions of our own.

`python -m tests.benchmarks.reader_fit` fits JUDGING on tests/benchmarks/reader_development.json, whose questions are
others than those that the benchmark measures.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.models.base import Passage
from desktop_app.models.reading.likeness import Floats, Read, compare, read_words
from desktop_app.models.reading.passages import Sentence
from desktop_app.models.reading.question import Kind, Question
from desktop_app.models.reading.words import terms

_COMPARED = 24
"""Sentences compared by meaning; the others share too few words with the question. Each costs about 3 ms."""
_FEW, _USUAL_TOPIC = 6, 0.3
"""What the mean cosine with all sentences compared is taken to be, where these are few."""
_SAME_BEGINNING = 5
_NONE: frozenset[str] = frozenset()
_ALMOST = 0.7
"""What a word counts that only begins like the one asked for ("administrator", "administration")."""

_NUMBER = (
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|half|dozen|once|twice|no)\b)"
)
_UNIT = r"(?:second|minute|hour|day|week|month|quarter|year|decade|century|centurie|night)s?\b"
_LENGTH = r"(?:character|letter|digit|word|page|(?:centi|milli|kilo)?met(?:er|re)|inche?|mile|[ckm]?m)s?\b|feet\b"
_SHOWING = {
    Kind.DURATION: rf"{_NUMBER}[\w\s.,-]{{0,20}}?{_UNIT}|{_UNIT}: *\d|{_NUMBER}[\s-]?(?:{_LENGTH})|"
    r"\b(?:daily|weekly|monthly|yearly|annually|"
    rf"immediately|forever|once|until|permanent\w*|always|never|each|every|regular\w*|as long as|unlimited|"
    rf"(?:a|an|per|one) {_UNIT})",
    Kind.MONEY: r"[$€£¥]|\b(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|cents?|free|price|fee)\b|\d",
    Kind.NUMBER: rf"{_NUMBER}|\b(?:both|single|pair|double|unlimited|any number|as many|as much)\b",
    Kind.TIME: r"\b(?:1\d|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\d\s?[ap]\.?m\b|\b(?:january|february|march|april|may|june|"
    r"july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|"
    rf"midnight|morning|evening|today|tomorrow|before|after|until|when|once|during|upon|as soon|now|immediately|"
    rf"always|never|date|moment|first|second|third|\d+(?:st|nd|rd|th))\b|\b{_UNIT}",
    Kind.PERSON: r"(?-i:(?<=[\w,;:(] )[A-Z][\w'’.-]+|^[A-Z][\w'’-]+ [A-Z][\w'’-]+)|\b(?:manager|director|owner|team|"
    r"author|user|administrator|employee|tenant|landlord|department|developer|leader|secretary|everyone|anyone|no one|"
    r"nobody|people|person|desk|office|police|company|agency|authorit(?:y|ie)|customer|member)s?\b",
    Kind.PLACE: r"\b(?:in|at|on|from|to|under|near|into|inside) |/\w+|https?:|www\.",
    Kind.REASON: r"\b(?:because|since|so that|in order to|due to|reason|therefore|thus|otherwise|as a result|for|"
    r"to (?:avoid|prevent|ensure|protect|make|keep|allow)|this (?:is|means|allows|prevents)|caus\w+)\b",
    Kind.EMAIL: r"\S@\S",
    Kind.PHONE: r"\d(?:[\s/().-]?\d){4}",
    Kind.LINK: r"https?:|www\.|\w\.(?:org|com|net)\b",
    Kind.MANNER: r"\b(?:by|use|using|run|type|click|press|select|choose|set|add|open|with|via|through|edit|enter|can|"
    r"must|should|need|have to)\b",
}
_LOOSE = {Kind.REASON, Kind.MANNER, Kind.PLACE}
"""Kinds whose answers often have no such sign; of the others every answer has one that the question has not."""
_EXACT = {Kind.PERSON, Kind.NUMBER, Kind.PLACE}
"""Kinds that are answered by a name or a figure alone, while many sentences tell something else of what is asked."""
_CUES = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _SHOWING.items()}
"""What a sentence has that gives the kind of answer that is asked for."""

PRESELECTING = {
    "own": 8.5, "near": 2.0, "before": 4.5, "heading": -3.0, "heading_below": 10.0, "cue": 2.0, "leads": -2.0,
    "first": 4.5, "passage": -2.0, "names": 0.8,
}  # fmt: skip
"""Weights, by shared words alone, that decide which sentences are compared."""
JUDGING = {
    "words": 3.34, "weakest": 0.65, "opening": 2.39, "back": 3.16, "topic": -4.35, "missing": -1.85, "names": 0.61,
    "exact": -0.26, "row": 0.47, "first": 0.61,
}  # fmt: skip
"""Weights of the logistic regression that makes the probability, with the constant below."""
BIAS = -5.01

Features = dict[str, float]


@dataclass(frozen=True)
class Evidence:
    """A sentence and the probability that it answers."""

    sentence: Sentence
    probability: float
    vector: Floats
    features: Features


def judge(
    question: Question, passages: Sequence[Passage], sentences: Sequence[Sentence], read: Read
) -> list[Evidence]:
    """The sentences most worth quoting, best first."""
    weights = _importance(question, sentences)
    pools = [_pool(question, weights, each) for each in passages]
    able = [
        each
        for each in sentences
        if not (each.is_title or each.is_question or each.is_contents) and _has_kind(question, each)
    ]
    lexical = [_lexical(question, weights, each) | pools[each.passage] for each in able]
    order = sorted(range(len(able)), key=lambda at: -_score(lexical[at], PRESELECTING))[:_COMPARED]
    if not order:
        return []
    asked = read_words(question.text, read)
    said = [read_words(_in_place(able[at]), read) for at in order]
    topic = (sum(float(each.whole @ asked.whole) for each in said) + _FEW * _USUAL_TOPIC) / (len(said) + _FEW)
    found = [
        _evidence(able[at], lexical[at] | compare(asked, weights, each) | {"topic": topic}, each.whole)
        for at, each in zip(order, said, strict=True)
    ]
    return sorted(found, key=lambda evidence: -evidence.probability)


def _evidence(sentence: Sentence, features: Features, vector: Floats) -> Evidence:
    return Evidence(sentence, 1 / (1 + math.exp(-_score(features, JUDGING) - BIAS)), vector, features)


def _score(features: Features, weights: Features) -> float:
    return sum(weight * features[name] for name, weight in weights.items())


def _in_place(sentence: Sentence) -> str:
    """The sentence under its heading: "four weeks" says little alone."""
    return f"{sentence.heading.text}\n{sentence.text}" if sentence.heading else sentence.text


def _pool(question: Question, weights: Features, passage: Passage) -> Features:
    """What a whole passage has of a question."""
    stems = frozenset(terms(f"{passage.file_name} {passage.text}"))
    return {"passage": _covered(question, weights, stems), "names": _share(question, stems)}


def _near(sentence: Sentence) -> frozenset[str]:
    return sentence.stems | sentence.around | (sentence.after.stems if sentence.after else _NONE)


def _has_kind(question: Question, sentence: Sentence) -> bool:
    """Whether it, or the list it introduces, may have what is asked for: "the managing directors" do not tell who the
    managing director is.
    """
    cue = _CUES.get(question.kind)
    if cue is None or question.kind in _LOOSE:
        return True
    texts = [sentence.text, *(each.text for each in sentence.introduced())]
    signs = (set(terms(sign.group())) for text in texts for sign in cue.finditer(text))
    return any(not sign or not sign <= question.weights.keys() for sign in signs)


def _lexical(question: Question, weights: Features, sentence: Sentence) -> Features:
    near = _covered(question, weights, _near(sentence))
    heading = _covered(question, weights, sentence.heading.stems) if sentence.heading else 0.0
    cue = _CUES.get(question.kind)
    return {
        "own": _covered(question, weights, sentence.stems),
        "near": near,
        "missing": 1.0 - near if weights else 0.0,
        "before": _covered(question, weights, sentence.before.stems) if sentence.before else 0.0,
        "heading": heading,
        "heading_below": heading / sentence.below if sentence.heading else 0.0,
        "cue": float(cue is not None and cue.search(sentence.text) is not None),
        "exact": float(question.kind in _EXACT),
        "leads": float(sentence.leads),
        "row": float(sentence.is_row),
        "first": 1 / (1 + sentence.passage),
    }


def _importance(question: Question, sentences: Sequence[Sentence]) -> Features:
    """The weights of the question's words with their rarity in the passages, summing to 1."""
    count = len(sentences)
    weights = {}
    for term, weight in question.weights.items():
        having = sum(term in sentence.stems for sentence in sentences)
        weights[term] = weight * math.log((count + 1.5) / (having + 0.5))
    total = sum(weights.values()) or 1.0
    return {term: weight / total for term, weight in weights.items()}


def _covered(question: Question, weights: Features, stems: frozenset[str]) -> float:
    return sum(weight * _match(question, term, stems) for term, weight in weights.items())


def _share(question: Question, stems: frozenset[str]) -> float:
    names = question.names
    return sum(name in stems for name in names) / len(names) if names else 1.0


def _match(question: Question, term: str, stems: frozenset[str]) -> float:
    """How far `stems` have a word of the question: itself, one that begins alike, or one that may stand for it."""
    if term in stems:
        return 1.0
    if not question.others.get(term, _NONE).isdisjoint(stems):
        return _ALMOST
    if len(term) < _SAME_BEGINNING or term[0].isdigit():
        return 0.0
    beginning = term[:_SAME_BEGINNING]
    return _ALMOST if any(stem.startswith(beginning) for stem in stems) else 0.0
