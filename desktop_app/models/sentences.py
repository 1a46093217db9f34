"""Where the sentences of a text stand: what an answer quotes and a citation marks.

A list item, a heading and a row of a table are sentences of their own; lines that were only wrapped are joined.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_WIDEST = 1000
"""Characters after which text without a full stop is cut all the same, so that no quote fills a page."""
_WRAPPED_WIDEST = 200
"""No wrapped line is longer: text with longer ones has a paragraph per line."""
_NARROWEST = 35
"""Characters that a line of a paragraph may always hold: a short line above it is a heading."""
_FULL = 0.75
"""A line was wrapped when it, with the next line's first word, fills this part of the paragraph's width."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*(?:\n\s*|$)")
_ITEM = re.compile(
    r"\s*(?:[-*+•◦▪‣·–—]\s|#{1,6}\s(?:[\d.]+\s)?|\||>\s|(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5})[.)]|\d+(?:\.\d+)+\.?)\s)"
)
_ROW = re.compile(r"\s*\||.*\t|.*(?:\. ?){5}|[^;:\n]{1,60}: [^;\n]+; [^;:\n]{1,60}: ")
_STOP = re.compile(r"(?:(?<![.!?…؟])[.!?…؟]+[\"'”’»)\]*_]*(?=\s)|[。！？｡।۔։။]+[\"'”’」』）]*)\s*")
_OPENING = "\"'“‘«([*_¿¡"
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]+$")
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NEVER_LAST = _words(
    """
    mr mrs ms dr prof rev hon st sr sra messrs mme mlle capt lt sgt gov e.g i.e cf vs viz resp approx ca incl
    excl esp eg ie eds z.b d.h u.a bzw bspw vgl ggf abs hr n.b p.ex
    """
)
_BEFORE_NUMBERS = _words("no nos nr fig figs eq eqs sec sect ch chap vol art para par pp p pos ref tab app ed")
_SELDOM_LAST = _words(
    """
    etc inc ltd co corp plc llc bros al jr sr esq a.m p.m am pm u.s u.k e.u u.n d.c ph.d m.d b.a m.a b.c a.d usw
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun min max dept est
    """
)
_STARTERS = _words(
    """
    the a an this that these those it he she they we you i in on at for if when while as to from by with there
    here all each every some no not but and or so however see please note after before both its their our your
    his her what which who how why where do does is are der die das ein eine es le la les il elle el los las
    """
)
_MONTHS = _words("januar februar märz april mai juni juli august september oktober november dezember jänner")


def split_sentences(text: str) -> list[Span]:
    """Start and end, in code points, of each sentence; in order, without overlap, none of them blank."""
    spans: list[Span] = []
    for start, end in _paragraphs(text):
        for unit_start, unit_end in _units(text, start, end):
            spans.extend(_sentences(text, unit_start, unit_end))
    return spans


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of a paragraph, those joined that were only wrapped."""
    lines = text[start:end].split("\n")
    width = max(_NARROWEST, *map(len, lines))
    at = unit = start
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        at += len(line) + 1
        if following is None or not _wraps(line, following, width):
            yield unit, at - 1
            unit = at


def _wraps(line: str, following: str, width: int) -> bool:
    """Whether a sentence may go on from `line` to the line after it."""
    if len(line) > _WRAPPED_WIDEST or _ITEM.match(following) or _ROW.match(line) or _ROW.match(following):
        return False
    line = line.strip()
    if not line or line.startswith("#"):
        return False
    first = following.split(maxsplit=1)[0] if following.strip() else ""
    if first[:1].islower() or line[-1] in ",-–":
        return True
    return len(line) + 1 + len(first) >= _FULL * width


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    marker = _ITEM.match(text, start, end)
    begin = start
    for stop in _STOP.finditer(text, marker.end() if marker else start, end):
        if stop.end() < end and _ends(text, begin, stop):
            yield from _bounded(text, begin, stop.end())
            begin = stop.end()
    yield from _bounded(text, begin, end)


def _ends(text: str, begin: int, stop: re.Match[str]) -> bool:
    """Whether the full stop found ends a sentence, judged by the words on both sides."""
    mark = stop.group().rstrip()
    after = stop.end()
    while after < len(text) and text[after] in _OPENING:
        after += 1
    following = text[after : after + 1]
    if mark[0] not in ".!?…؟":
        return True
    if following.islower() or not (following.isalnum() or following in "-•–—#$€£"):
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    before = _LAST_WORD.search(text, max(begin, stop.start() - 40), stop.start())
    word = before.group().lower() if before else ""
    first = _FIRST_WORD.match(text, after)
    next_word = first.group().lower() if first else ""
    if (word in _NEVER_LAST and len(mark) == 1) or not word:
        return False
    if word in _BEFORE_NUMBERS and following.isdigit():
        return False
    if word in _SELDOM_LAST or _INITIALS.fullmatch(word):
        return next_word in _STARTERS
    return not (word.isdigit() and next_word in _MONTHS)


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without the white space around it, cut where it is too long."""
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == end:
            return
        cut = end
        if end - start > _WIDEST:
            cut = max(text.rfind(mark, start, start + _WIDEST) + 1 for mark in (" ", "\n"))
            cut = cut if cut > start else start + _WIDEST
        last = cut
        while text[last - 1].isspace():
            last -= 1
        yield start, last
        start = cut
