"""Words as the reader compares them: stems, without those that say nothing."""

import re
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

import Stemmer

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?[\d]*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""Chinese and Japanese are written without spaces: pairs of signs stand for words."""

_STOP_WORDS = """
    a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't could couldn't did didn't do does doesn't doing don't down during each either
    else ever few for from further get gets getting give given gives got had has hasn't have haven't having he he's
    her here hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it it's its itself just
    let let's me might more most must my myself no nor not of off on once one only onto or other others ought our
    ours out over own per please quite same shall she should shouldn't so some such than that that's the their
    theirs them themselves then there there's these they they're this those through thus to too under until up upon
    us very was wasn't we we're were weren't what what's when where which while who who's whom whose why will with
    within without won't would wouldn't yes yet you you'd you'll you're your yours yourself der das den dem ein
    eine einer eines und oder ist sind wie wer wann warum ich wir ihr von zu für nicht bei le les une du et qui que
    quoi où el los las una qué quién cuándo cómo
"""
_WEAK_WORDS = """
    tell say says said mention mentioned state stated describe described explain find found know show document
    documents file files text page pages passage information info detail details thing things something someone
    anyone anything need needed want like make made take use used using work works go going happen happens mean
    means kind sort type way ways case cases allow allowed possible able exactly actually much many long often old
    big large high far soon still already new good best number amount name named called call term different certain
    according does person people somebody company
"""
_STOP = frozenset(_STOP_WORDS.split())
_WEAK = frozenset(_WEAK_WORDS.split())
"""Words that a question may hold and its answer need not."""

_IRREGULAR_FORMS = """
    began begin begun begin bought buy broke break broken break brought bring built build caught catch chose choose
    chosen choose came come dealt deal did do drew draw drawn draw drove drive driven drive ate eat fell fall fed feed
    felt feel fought fight flew fly forbidden forbid forgot forget froze freeze frozen freeze gave give given give
    went go gone go grew grow grown grow heard hear held hold hidden hide kept keep knew know known know laid lay led
    lead left leave lent lend lost lose made make meant mean met meet paid pay ran run rose rise said say saw see seen
    see sent send sold sell shown show shut shut sang sing slept sleep spoke speak spoken speak spent spend stole steal
    stolen steal stood stand swam swim taught teach thought think threw throw thrown throw told tell took take taken
    take understood understand woke wake wore wear worn wear won win wrote write written write children child men man
    women woman feet foot teeth tooth mice mouse criteria criterion
"""
_listed = _IRREGULAR_FORMS.split()
_IRREGULAR = dict(zip(_listed[::2], _listed[1::2], strict=True))
_stemmer = Stemmer.Stemmer("english")
_stemming = Lock()  # a Snowball stemmer keeps state while it works


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a word in lower case."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    word = _IRREGULAR.get(word, word)
    with _stemming:
        stemmed: str = _stemmer.stemWord(word)
    return stemmed


def words(text: str) -> Iterator[str]:
    """All words of a text as written; of unspaced scripts, pairs of signs."""
    return (text[start:end] for start, end in word_spans(text))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where those words begin and end."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if _UNSPACED.match(text, start, end):
            yield from ((at, min(at + 2, end)) for at in range(start, max(start + 1, end - 1)))
        else:
            yield start, end


def is_stop(word: str) -> bool:
    """Whether a word says nothing about what is asked."""
    return word.lower().replace("’", "'") in _STOP


def is_weak(word: str) -> bool:
    """Whether a word of a question may well be missing from its answer."""
    return word.lower() in _WEAK or (len(word) > 4 and word.endswith("ly"))


def terms(text: str) -> list[str]:
    """The stems of the words of a text, without those that say nothing, in order."""
    return [stem(word) for word in words(text) if not is_stop(word)]
