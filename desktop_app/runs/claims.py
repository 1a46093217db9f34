"""What a citation mark stands for: the words of the answer that it follows, or that follow it."""

from dataclasses import dataclass

from desktop_app.models.sentences import split_sentences
from desktop_app.runs.words import bag_of

_LEAST_WORDS = 2
"""Fewer words before a mark ("According to [1], ...") are no claim yet; those after it are."""
_SENTENCE_CHARS = 2000
"""How far back a sentence is looked for."""


@dataclass(frozen=True)
class Claim:
    """What a mark stands for: `text`, or `stretch`, all since the mark before, where the passage says all of it."""

    text: str
    stretch: str = ""


class Prose:
    """An answer's text without its marks, as it grows."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._claimed_to = 0
        self._claim = Claim("")

    @property
    def text(self) -> str:
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def write(self, text: str) -> None:
        self._pieces.append(text)

    def claim(self) -> Claim:
        """The words that a mark standing here cites: the end of the sentence before it, from the last mark on.

        Marks in a row share a claim. Empty where the sentence has hardly begun: then wait for `following`.
        """
        unclaimed = self.text[self._claimed_to :]
        if self._claim.text and not unclaimed.strip(" \t.,;:!?"):
            return self._claim
        line = self.text.rfind("\n") + 1
        first = max(line, self._claimed_to, len(self.text) - _SENTENCE_CHARS)
        spans = split_sentences(self.text[first:])
        text = self.text[first + spans[-1][0] :] if spans else ""
        if len(bag_of(text).words) < _LEAST_WORDS:
            return Claim("")
        self._claimed_to, self._claim = len(self.text), Claim(text, unclaimed[-_SENTENCE_CHARS:])
        return self._claim

    def following(self, at: int, *, last: bool) -> Claim:
        """The sentence that a mark at `at` belongs to, once its words are there.

        With `last` no more words come: the sentence before the mark is the next best.
        """
        line = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        stop = len(self.text) if end < 0 else end
        spans = [(line + start, line + end) for start, end in split_sentences(self.text[line:stop])]
        around = next((self.text[start:end] for start, end in spans if end > at), "")
        if len(bag_of(around).words) >= _LEAST_WORDS:
            return Claim(around)
        if end < 0 and not last:
            return Claim("")
        near = self.text[max(0, at - _SENTENCE_CHARS) : at]
        before = split_sentences(near)
        return Claim(near[slice(*before[-1])] if before else around)
