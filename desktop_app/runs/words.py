"""What is compared of a text: its words without endings, its numbers in one form, and whether it denies."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import Stemmer


def listed(words: str) -> list[str]:
    """A list of words, written as a line of them."""
    return words.split()


_WORD = re.compile(r"\d+(?:[.,:'\u00a0\u202f ]\d{3})*(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?")
_GROUPING = re.compile(r"[.,:' \u00a0\u202f](?=\d{3}(?:\D|$))")
_SMALL = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = listed("thirty forty fifty sixty seventy eighty ninety")
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_SMALL)}
_NUMBER_WORDS |= {word: str(10 * number) for number, word in enumerate(_TENS, 3)}
_NEGATIONS = frozenset(
    listed("not no never none cannot without nor neither nicht kein keine keinen nie ohne pas jamais")
)
STOP_WORDS = frozenset(
    listed(
        """a about above according after again all also am an and any are as at be been before being below between both
        but by can could did do does doing down during each few for from further had has have having he her here hers
        him his how i if in into is it its itself just may me might more most must my nor of off on once only or other
        our out over own per same shall she should so some such than that the their theirs them then there these they
        this those through to too under until up upon very was we were what when where which while who whom why will
        with would you your yours s t document documents passage states state says say
        der die das den dem des ein eine einen einem einer eines und oder aber als auch auf aus bei bis durch für gegen
        in im ist sind war waren mit nach sich sie er es von vom vor werden wird wurde zu zum zur über unter
        le la les un une des du de et ou est sont dans pour par sur avec que qui"""
    )
)


@dataclass(frozen=True)
class Bag:
    """The words of a text, each once; `numbers` are among them."""

    words: frozenset[str]
    numbers: frozenset[str]
    negated: bool

    def __or__(self, other: "Bag") -> "Bag":
        return Bag(self.words | other.words, self.numbers | other.numbers, self.negated or other.negated)


@lru_cache(maxsize=4096)
def bag_of(text: str) -> Bag:
    words, numbers, negated = set(), set(), False
    for word in _WORD.findall(fold(text)):
        number = _number(word)
        if number is not None:
            numbers.add(number)
        elif word in _NEGATIONS or word.endswith("n't"):
            negated = True
        elif word not in STOP_WORDS:
            words.add(_stem(word.removesuffix("'s")))
    return Bag(frozenset(words | numbers), frozenset(numbers), negated)


def fold(text: str) -> str:
    """Lower case, one kind of apostrophe, compatible characters (such as ligatures and fullwidth digits) as one."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _number(word: str) -> str | None:
    """A number in one form, whatever its grouping; None for other words."""
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    if not word[0].isdigit():
        return None
    whole, _, decimals = _GROUPING.sub("", word).replace(",", ".").partition(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole)}.{decimals}" if decimals else str(int(whole))


_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=16384)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word))
