"""What a person asks: the words that an answer must have, the kind of answer, and what a follow-up refers to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from desktop_app.models.base import Turn
from desktop_app.models.reading.synonyms import synonyms
from desktop_app.models.reading.words import is_stop, is_weak, stem, words

_WEAK = 0.35
_EARLIER = 0.5
"""What a word of the question before counts in a follow-up."""
_SHORT = 3
"""A question with fewer words of its own than this, and a pronoun, refers to the one before."""

_GREETING = re.compile(
    r"\W*(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day)|thanks?|thank you|ok(?:ay)?|bye|cheers|"
    r"who are you|what (?:can|do) you do|how (?:can|do) (?:you help|i use you)|help)"
    r"(?: (?:there|you|me|so much|all))?\W*",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"\b(?:summar(?:y|i[sz]e|i[sz]ing)|sum up|overview|key points|main points|gist|tl;?dr|in a nutshell|"
    r"what (?:is|are) (?:this|these|the|my) (?:documents?|files?|texts?|papers?|pdfs?) about)\b",
    re.IGNORECASE,
)
_COMBINING = re.compile(
    r"\s*(?:please |can you |could you |would you )?"
    r"(?:list (?:all|every|each)|count|compare|contrast|translate|rewrite|paraphrase|write|draft|calculate|compute|"
    r"add up|sort|rank|combine|merge|group)\b"
    r"|.*\b(?:in total|altogether|on average|the average|the sum of|most often|"
    r"how many (?:times|documents|files|pages|rows|sections|entries|questions))\b",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(
    r"\s*(?:and\b|but\b|or\b|so\b|also\b|then\b|what about|how about|what if|why(?: not)?\s*\?|how so|"
    r"(?:tell me )?more\b|for how long\s*\?|since when\s*\?|by whom\s*\?|how much\s*\?|when\s*\?|where\s*\?|who\s*\?)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|that|those|this|these|he|him|his|she|her|hers|there|one|ones|same)\b",
    re.IGNORECASE,
)


class Task(Enum):
    """What is to be done about a message."""

    ANSWER = "answer"
    SUMMARISE = "summarise"
    GREET = "greet"
    COMBINE = "combine"


class Kind(Enum):
    """What an answer must contain."""

    OTHER = "other"
    PERSON = "person"
    TIME = "time"
    DURATION = "duration"
    MONEY = "money"
    NUMBER = "number"
    PLACE = "place"
    REASON = "reason"
    MANNER = "manner"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"


_ASKING = {
    Kind.EMAIL: r"\be-?mail address\b",
    Kind.PHONE: r"\b(?:phone|telephone|fax|emergency) number\b",
    Kind.LINK: r"\b(?:url|web ?site|web page|link)\b",
    Kind.DURATION: r"\bhow (?:long|soon|quickly|often)\b|"
    r"\bhow many (?:days|weeks|months|years|hours|minutes|seconds)\b",
    Kind.MONEY: r"\bhow much .*\b(?:cost|pay|paid|charge|earn|price|fee|rent|worth)|\bhow much (?:is|are|does|do)\b|"
    r"\bwhat .*\b(?:price|cost|fee|rent|salary|deposit)\b",
    Kind.NUMBER: r"\bhow (?:many|much|old|far|tall|high|deep|wide|heavy|big|large|fast|hot|cold)\b|"
    r"\bwhat (?:number|percentage|age|size|weight|height|distance|speed|temperature)\b",
    Kind.TIME: r"^(?:\w+ )?when\b|\b(?:what|which) (?:year|date|day|month|time|century)\b|\bhow early\b",
    Kind.PERSON: r"\bwho(?:se|m)?\b",
    Kind.PLACE: r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|address|folder|directory)\b",
    Kind.REASON: r"\bwhy\b|\bwhat (?:is the reason|causes?)\b|\bhow come\b",
    Kind.MANNER: r"\bhow (?:do|does|can|could|should|would|is|are|to)\b",
}
_KINDS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKING.items()]
"""The first that is found counts."""


@dataclass(frozen=True)
class Question:
    """`weights` are the stems an answer should have, by how much they matter; `names` those it can't do without.
    `others` are stems that may stand for a stem.
    """

    text: str
    task: Task
    kind: Kind
    weights: dict[str, float]
    names: frozenset[str]
    others: dict[str, frozenset[str]]

    @property
    def asks_to_combine(self) -> bool:
        return _COMBINING.match(self.text) is not None


def understand(turns: Sequence[Turn]) -> Question:
    """The newest user message; a follow-up is completed with the words of the question before."""
    asked = [turn.text for turn in turns if turn.role == "user"]
    text = " ".join(asked[-1].split()) if asked else ""
    weights, names = _weighed(text)
    if len(asked) > 1 and refers_back(text):
        earlier = understand([Turn("user", each) for each in asked[:-1]])
        weights = {term: _EARLIER * weight for term, weight in earlier.weights.items()} | weights
        others = earlier.others | _others(text)
        return Question(f"{earlier.text} {text}", _task(text, weights), _kind(text), weights, names, others)
    return Question(text, _task(text, weights), _kind(text), weights, names, _others(text))


def refers_back(text: str) -> bool:
    """Whether a question can only be understood with the one before."""
    if _FOLLOW_UP.match(text):
        return True
    own = sum(not is_stop(word) and not is_weak(word) for word in words(text))
    return own == 0 or (own < _SHORT and _PRONOUN.search(text) is not None)


def _task(text: str, weights: dict[str, float]) -> Task:
    if not weights or _GREETING.fullmatch(text):
        return Task.GREET
    if _SUMMARY.search(text):
        return Task.SUMMARISE
    if _COMBINING.match(text) and not text.lower().startswith(("how ", "what ", "when ", "who ", "which ")):
        return Task.COMBINE
    return Task.ANSWER


def _kind(text: str) -> Kind:
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OTHER)


def _weighed(text: str) -> tuple[dict[str, float], frozenset[str]]:
    found = list(words(text))
    telling = [word for word in found if not is_stop(word)]
    if not telling:
        return {}, frozenset()
    capitals = sum(word[0].isupper() for word in found)
    names = set()
    if capitals <= max(2, len(found) // 2):  # else the whole question is in capitals
        names = {word for word in telling if word is not found[0] and word[0].isupper()}
    names |= {word for word in telling if any(sign.isdigit() for sign in word)}
    names |= {word for word in telling if len(word) > 1 and word.isupper() and not text.isupper()}
    weights = {stem(word): _WEAK if is_weak(word) and word not in names else 1.0 for word in telling}
    return weights, frozenset(stem(word) for word in names)


def _others(text: str) -> dict[str, frozenset[str]]:
    telling = {word.lower() for word in words(text) if not is_stop(word)}
    return {stem(word): frozenset(map(stem, synonyms(word))) for word in telling if synonyms(word)}
