"""Text becomes search terms: the same for documents and questions, whatever index holds them."""

import re
import threading
import unicodedata
from collections import Counter
from itertools import pairwise

import Stemmer

MAX_QUERY_TERMS = 64
_MAX_WORD_CHARS = 64

_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: kana, Han, Hangul, Thai, Lao, Khmer, Burmese. Their terms are pairs of characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN = re.compile(f"[{_UNSPACED}\U00020000-\U0003ffff]+|[^{_UNSPACED}\U00020000-\U0003ffff]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}\U00020000-\U0003ffff]")

_FUNCTION_WORDS = """
a about above after again against all also am an and any are as at be because been before being below between
both but by can could did do does doing down during each either else etc few for from further had has have
having he her here hers herself him himself his how however i if in into is it its itself just many may me might
more most much must my myself neither no nor not now of off on once only or other our ours ourselves out over
own per please rather same shall she should since so some such tell than that the their theirs them themselves
then there therefore these they this those through thus to too under until up upon us very via was we were what
when where whether which while who whom whose why will with within without would yet you your yours yourself
yourselves
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())

_local = threading.local()


def analyse(text: str) -> list[str]:
    """The terms of a document's text, in order: words in lower case, stemmed; pairs where a script has no spaces."""
    return _stem(_words(text))


def query_terms(text: str) -> Counter[str]:
    """The terms of a question with how often each occurs; at most 64, stop words only if there is nothing else."""
    words = _words(text)
    telling = [word for word in words if word not in STOP_WORDS]
    terms: Counter[str] = Counter()
    for term in _stem(telling or words):
        if term in terms or len(terms) < MAX_QUERY_TERMS:
            terms[term] += 1
    return terms


def _words(text: str) -> list[str]:
    if text.isascii():
        words = _WORD.findall(text.lower())
    else:
        words = _unspaced(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))
    return [word[:_MAX_WORD_CHARS] for word in words]


def _unspaced(words: list[str]) -> list[str]:
    """Runs of scripts without spaces replaced by their pairs of characters."""
    if not any(_IS_UNSPACED.search(word) for word in words if not word.isascii()):
        return words
    split: list[str] = []
    for word in words:
        for run in _RUN.findall(word):
            if len(run) > 1 and _IS_UNSPACED.match(run):
                split.extend(first + second for first, second in pairwise(run))
            else:
                split.append(run)
    return split


def _stem(words: list[str]) -> list[str]:
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:  # a stemmer keeps a cache and serves one thread
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    stems: list[str] = stemmer.stemWords(words)
    return stems
