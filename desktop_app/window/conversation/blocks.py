"""Cuts a message's Markdown into parts that are laid out on their own.

A part is a few thousand characters at most, whatever a model writes, so that no answer can make the window wait:
only parts in view are laid out. While an answer is streamed its finished blocks are parts of their own, and only
the last one is parsed again.
"""

import re
from dataclasses import dataclass

WANTED = 3000
"""Characters after which a part of a finished message ends at the next blank line."""

MOST = 4000
"""Characters no part exceeds, whatever has to be cut."""

MOST_TABLE_ROWS = 60

_TELLING = 12
"""So many characters of a line tell whether it is a list item."""

_FENCE = re.compile(r"[ ]*(`{3,}|~{3,})([^`\n]*)")
_LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_TABLE_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """Code points `start`..`end` of a text. `before` is what must stand before them: the opening line of the
    fence or the head of the table that was cut. `open_fence`: it ends inside a code block."""

    start: int
    end: int
    before: str = ""
    open_fence: bool = False


def split(text: str, start: int = 0, before: str = "", wanted: int = WANTED) -> list[Part]:
    """The parts of `text` from `start` on; at least one, and the last one ends at the end of the text.

    `before` is that of the part which begins at `start`. With `wanted=1` every finished block is a part.
    """
    if len(text) <= wanted:
        return [Part(0, len(text))]
    return _Splitter(text, start, before, wanted).parts()


def definitions(text: str) -> str:
    """The link reference definitions in `text`: a part may use those of another one."""
    return "\n\n".join(_DEFINITION.findall(text)[:200]) if "]:" in text else ""


class _Splitter:
    def __init__(self, text: str, start: int, before: str, wanted: int) -> None:
        self._text, self._wanted = text, wanted
        self._start, self._before = start, before
        self._done: list[Part] = []
        self._fence = before if _FENCE.match(before) else ""
        self._table_head = "" if self._fence else before
        self._rows = 0

    def parts(self) -> list[Part]:
        text, here = self._text, self._start
        previous = ""
        ended = False  # the line before ended a block
        while here < len(text):
            stop = text.find("\n", here) + 1 or len(text)
            if stop - self._start > MOST and self._cut_long(here, stop):
                here, previous, ended = self._start, "", False
                continue
            line = text[here:stop]
            if self._fence:
                ended = self._closes(line)
                self._fence = "" if ended else self._fence
            else:
                fence = _FENCE.match(line)
                if here - self._start >= self._wanted and self._begins_block(line, ended, bool(fence)):
                    self._cut(here, "")
                ended = not line.strip()
                self._fence = line.rstrip("\n") + "\n" if fence else ""
                self._follow_table(line, previous, here)
            here, previous = stop, line
        open_fence = bool(self._fence)
        return [*self._done, Part(self._start, len(text), self._before, open_fence)]

    def _begins_block(self, line: str, after_end: bool, fence: bool) -> bool:
        """Whether what stands before `line` can be understood without it."""
        if line[0] in " \t\n":
            return False
        if not fence and len(line) < _TELLING and not line.endswith("\n"):
            return False  # its next characters may make it an item of the list above
        return fence or (after_end and not _LIST_ITEM.match(line))

    def _closes(self, line: str) -> bool:
        opened, closing = _FENCE.match(self._fence), _FENCE.match(line)
        return bool(opened and closing and closing[1].startswith(opened[1]) and not closing[2].strip())

    def _follow_table(self, line: str, previous: str, here: int) -> None:
        if not line.strip() or self._fence:
            self._table_head, self._rows = "", 0
        elif self._table_head:
            self._rows += 1
            if self._rows > MOST_TABLE_ROWS:
                self._cut(here, self._table_head)
                self._rows = 1
        elif "|" in previous and _TABLE_RULE.match(line) and len(previous) + len(line) < MOST // 2:
            self._table_head = previous + line.rstrip("\n") + "\n"

    def _cut_long(self, here: int, stop: int) -> bool:
        """Cut before the line `here`..`stop`, or inside it when it alone is too long; False: nothing to cut."""
        kept = self._fence or self._table_head
        if here > self._start:
            self._cut(here, kept)
        elif stop - here > MOST:
            space = self._text.rfind(" ", here + MOST // 2, here + MOST)
            self._cut(space + 1 if space > 0 else here + MOST, kept)
        else:
            return False
        return True

    def _cut(self, here: int, before: str) -> None:
        self._done.append(Part(self._start, here, self._before, bool(self._fence)))
        self._start, self._before, self._rows = here, before, 0
