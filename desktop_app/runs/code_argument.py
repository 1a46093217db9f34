"""The code in a call of the interpreter, read out of the call's arguments while a model still writes them.

The arguments are to be `{"code": "..."}`; its string is let out piece by piece, with the escapes resolved. Models also
send lists of lines, other keys, the bare code, or code in a Markdown fence: they are met half way.
"""

import json
import re
from typing import Any

# No group repeats possessively: before Python 3.11.5, one that could match in several ways then matched wrongly.
_BEGINNING = re.compile(
    r"""\s*+\{\s*+
    (?:"(?!code")(?:[^"\\]|\\.)*"\s*+:\s*+(?:"(?:[^"\\]|\\.)*"|[\w.+-]++)\s*+,\s*+)*  # members with plain values
    "code"\s*+:\s*+(\[\s*+)?"                                                        # the string, or a list of them
    """,
    re.DOTALL | re.VERBOSE,
)
_LOOK_FOR = 2_000
"""Characters in which the code must begin; else it is told as a whole."""
_STRING = re.compile(
    r'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u]|\\u(?![0-9a-fA-F]{0,3}\Z))*', re.DOTALL
)  # up to its end, or to an escape that is not whole yet
_HALF_A_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_NEXT_STRING = re.compile(r'"\s*+,\s*+"')
_FENCED = re.compile(r"\s*(`{3,}|~{3,})[^\n`]*\n(.*?)\n?[ \t]*\1\s*\Z", re.DOTALL)


class CodeArgument:
    """`read` answers the code that a piece of the arguments brings, `finish` what is known at their end only."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._unread = ""
        self._line = ""  # the end of the string that is being read
        self._kind: str | None = None  # None: not known yet; bare, string, list; over: the string has ended

    @property
    def code(self) -> str:
        """As far as it was told."""
        return "".join(self._told)

    def read(self, fragment: str) -> str:
        if self._kind is None and len(self._unread) < _LOOK_FOR:
            self._unread += fragment
            self._begin()
        elif self._kind not in (None, "over"):
            self._unread += fragment
        return self._tell(self._take())

    def finish(self, arguments: str) -> str:
        """`arguments` are all that was read. What was told before stands, since a person has seen it."""
        return self._tell(_find_code(arguments) if self._kind is None else self._take(last=True))

    def _begin(self) -> None:
        if (begins := self._unread.lstrip()[:1]) and begins not in '{["':
            self._kind = "bare"
        elif found := _BEGINNING.match(self._unread):
            self._kind = "list" if found[1] else "string"
            self._unread = self._unread[found.end() :]

    def _take(self, *, last: bool = False) -> str:
        """What of the unread text is sure."""
        if self._kind == "bare":
            text, self._unread = self._unread, ""
            return text
        taken: list[str] = []
        while self._kind in ("string", "list"):
            found = _STRING.match(self._unread)
            assert found is not None
            piece = found[0]
            ended = last or self._unread.startswith('"', found.end())
            if not ended and (half := _HALF_A_PAIR.search(piece)):
                piece = piece[: half.start()]
            taken.append(_resolved(piece))
            self._line = (taken[-1] or self._line)[-1:]
            self._unread = self._unread[len(piece) :]
            if not self._unread.startswith('"'):
                break
            following = _NEXT_STRING.match(self._unread) if self._kind == "list" else None
            if following is not None:
                self._unread = self._unread[following.end() :]
                taken.append("" if self._line == "\n" else "\n")
                self._line = ""
            elif self._kind == "string" or self._unread[1:].strip(" \t\r\n,"):
                self._kind = "over"
            else:
                break
        return "".join(taken)

    def _tell(self, text: str) -> str:
        if text:
            self._told.append(text)
        return text


def without_fence(code: str) -> str:
    """The code in a Markdown fence; else as it is."""
    found = _FENCED.match(code)
    return found[2] if found else code


def _find_code(arguments: str) -> str:
    """The code in arguments that are complete."""
    try:
        given = json.loads(arguments, strict=False)
    except (ValueError, RecursionError):
        return arguments
    if isinstance(given, dict):
        texts = [value for value in given.values() if isinstance(value, str)]
        given = given.get("code", texts[0] if len(texts) == 1 else "")
    return _joined(given)


def _joined(given: Any) -> str:
    if isinstance(given, list):
        lines = [line if isinstance(line, str) else "" for line in given]
        given = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines).removesuffix("\n")
    return _whole(given) if isinstance(given, str) else ""


def _resolved(piece: str) -> str:
    """A piece of a JSON string with its escapes resolved; a backslash that escapes nothing stays."""
    piece = _ESCAPE.sub(lambda found: found[0] if found[1] else r"\\", piece)
    return _whole(json.loads(f'"{piece}"', strict=False)) if "\\" in piece else _whole(piece)


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which no file and no stream can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
