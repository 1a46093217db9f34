"""Finds citation marks in text that is still being written, whatever form a model gives them.

`[3]`, `[3, 4]`, `[3][4]`, `[^3]`, `【3】`, `【4:0†source】` and the fullwidth forms are marks. Code, Markdown links,
task boxes, escaped brackets and numbers that can't be passages (`[2020]`) are ordinary text. Nothing that may still
become a mark is let out before it is decided, so no reader ever sees half of one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_LONGEST = 300
"""No mark is longer (a file name of 255 characters may stand in one)."""
_NUMBER_LIMIT = 99
"""A number in brackets up to this one that names no passage is a mark gone wrong; a greater one is ordinary text."""

_STOPS = re.compile(r"[`~\[［【\\\n]|[ \t]+(?=[\[［【]|\Z)")
_OPENING = "[［【"
_PLAIN = re.compile(r"[\[［]\s*\^?\s*(\d{1,4}(?:\s*[,，;、]\s*\^?\d{1,4})*)\s*[\]］]")
_PLAIN_PREFIX = re.compile(r"[\[［][\s\d^,，;、]*\Z")
_LENTICULAR = re.compile(r"【\s*(?:(\d{1,4})\s*:\s*(\d{1,4})|(\d{1,4}(?:\s*[,，;、]\s*\d{1,4})*))\s*(?:†[^】\n]*)?】")
_LENTICULAR_PREFIX = re.compile(r"【[^】\n]*\Z")
_FENCE = re.compile(r"[ \t]*(?:[-*+>] |\d+\. )?[ \t]*\Z")
_IDENTIFIER = re.compile(r"(?:\b[A-Za-z]|\w*_\w*|\w+[.]\w+|[)\]\\])\Z")
"""What stands directly before the bracket of an index or of a reference link."""


@dataclass(frozen=True)
class Mark:
    """Numbers of passages, from 1, in the order written."""

    numbers: tuple[int, ...]


class MarkParser:
    """Text goes in piece by piece; text and marks come out. `is_known` tells whether a number names a passage.

    `searched` tells whether the run has searched at all: before that `[3]` is ordinary text.
    """

    def __init__(self, is_known: Callable[[int], bool], searched: Callable[[], bool]) -> None:
        self._is_known = is_known
        self._searched = searched
        self._held = ""
        self._before = ""  # the end of what was let out: what stands before the next bracket
        self._code = ""  # the backticks or tildes that close the code we are in

    def feed(self, text: str, *, last: bool = False) -> list[str | Mark]:
        """What is decided now; with `last` everything is."""
        text, self._held = self._held + text, ""
        out: list[str | Mark] = []
        at = 0
        while at < len(text):
            stop = _STOPS.search(text, at)
            if stop is None:
                self._let_out(out, text[at:])
                break
            self._let_out(out, text[at : stop.start()])
            at = self._decide(out, text, stop.start(), last)
            if at < 0:
                self._held = text[stop.start() :]
                break
        return out

    def _decide(self, out: list[str | Mark], text: str, at: int, last: bool) -> int:
        """Handle what stands at `at`; answers where to go on, -1 to wait for more text."""
        char = text[at]
        if char in "`~":
            return self._code_sign(out, text, at, last)
        if char == "\n":
            if len(self._code) < 3 and self._before.endswith("\n"):
                self._code = ""  # inline code does not reach over paragraphs
            return self._pass(out, text, at, at + 1)
        if char == "\\":
            if at + 1 == len(text) and not last:
                return -1
            return self._pass(out, text, at, at + 2)
        bracket = at
        while bracket < len(text) and text[bracket] in " \t":
            bracket += 1
        if bracket == len(text):
            return self._pass(out, text, at, bracket) if last or not self._searched() else -1
        if self._code:
            return self._pass(out, text, at, bracket + 1)
        return self._bracket(out, text, at, bracket, last)

    def _code_sign(self, out: list[str | Mark], text: str, at: int, last: bool) -> int:
        end = at
        while end < len(text) and text[end] == text[at]:
            end += 1
        if end == len(text) and not last:
            return -1
        sign = text[at:end]
        line = self._before.rpartition("\n")[2]
        if not self._code:
            if text[at] == "`" or (len(sign) >= 3 and _FENCE.match(line)):
                self._code = sign
        elif sign == self._code or (len(self._code) >= 3 and sign.startswith(self._code)):
            self._code = ""
        return self._pass(out, text, at, end)

    def _bracket(self, out: list[str | Mark], text: str, at: int, bracket: int, last: bool) -> int:
        """A bracket outside code, with the blanks in front of it from `at` on."""
        lenticular = text[bracket] == "【"
        found = (_LENTICULAR if lenticular else _PLAIN).match(text, bracket)
        if found is None:
            unfinished = (_LENTICULAR_PREFIX if lenticular else _PLAIN_PREFIX).match(text, bracket)
            if unfinished and not last and len(text) - bracket <= _LONGEST:
                return -1
            return self._pass(out, text, at, bracket + 1)
        if not lenticular:
            if found.end() == len(text) and not last:
                return -1  # a link, if "(" follows
            if text[found.end() : found.end() + 1] == "(" or (at == bracket and _IDENTIFIER.search(self._before)):
                return self._pass(out, text, at, found.end())
        numbers = _numbers(found)
        known = tuple(dict.fromkeys(number for number in numbers if self._is_known(number)))
        strange = any(not 1 <= number <= _NUMBER_LIMIT for number in set(numbers) - set(known))
        if not lenticular and (strange or not (known or self._searched())):
            return self._pass(out, text, at, found.end())
        if known:
            self._let_out(out, text[at:bracket])
            out.append(Mark(known))
            self._before = "】"
        return found.end()  # a mark that names no passage is dropped, with the blanks in front of it

    def _pass(self, out: list[str | Mark], text: str, start: int, end: int) -> int:
        self._let_out(out, text[start:end])
        return end

    def _let_out(self, out: list[str | Mark], text: str) -> None:
        if not text:
            return
        if out and isinstance(out[-1], str):
            out[-1] += text
        else:
            out.append(text)
        self._before = (self._before + text)[-120:]


def _numbers(found: re.Match[str]) -> list[int]:
    if found.re is _LENTICULAR and found[2] is not None:
        return [int(found[2]) + 1]  # the protocol's form counts results from 0
    return [int(number) for number in re.findall(r"\d+", found[found.lastindex or 1])]
