"""Finds the files that an answer hands over: links such as `sandbox:/mnt/data/report.csv` in text that is growing."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from desktop_app.runs.answer import Answer

_FOLDER = "sandbox:/mnt/data/"
_NAME_GOES_ON = re.compile(r"[\w-]|\.\w")
_ENDS_WITHIN = 2
"""Characters behind a name that tell whether it goes on."""


class FileLinks:
    """Annotates the links to `files` (ids by name, which may grow); those to anything else stay ordinary text."""

    def __init__(self, answer: Answer, files: Mapping[str, str]) -> None:
        self._answer = answer
        self._files = files
        self._text = ""  # which may hold a link, or its beginning
        self._start = 0  # of this text in the answer

    def follow(self, text: str) -> None:
        """This text was added to the answer just now."""
        start = self._answer.length - len(text)
        if start != self._start + len(self._text):
            self._find(last=True)
            self._text, self._start = "", start
        self._text += text
        self._find()

    def finish(self) -> None:
        self._find(last=True)

    def _find(self, *, last: bool = False) -> None:
        while (at := self._text.find(_FOLDER)) >= 0:
            self._drop(at)
            rest = self._text[len(_FOLDER) :]
            if not last and self._may_go_on(rest):
                return
            name = self._name(rest)
            if name is not None:
                path = _FOLDER + name
                self._answer.annotate("file_path", path, self._start, {"file_id": self._files[self._known()[name]]})
            self._drop(len(_FOLDER))
        self._drop(max(0, len(self._text) - len(_FOLDER)))

    def _known(self) -> dict[str, str]:
        """The names by how they are written: as they are, or as addresses are."""
        return {quote(name): name for name in self._files} | {name: name for name in self._files}

    def _may_go_on(self, rest: str) -> bool:
        return any(
            written.startswith(rest) or (rest.startswith(written) and len(rest) < len(written) + _ENDS_WITHIN)
            for written in self._known()
        )

    def _name(self, rest: str) -> str | None:
        """The longest name that stands there, as it is written."""
        found = [
            written
            for written in self._known()
            if rest.startswith(written) and not _NAME_GOES_ON.match(rest, len(written))
        ]
        return max(found, key=len, default=None)

    def _drop(self, count: int) -> None:
        self._text = self._text[count:]
        self._start += count
