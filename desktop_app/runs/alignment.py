"""Which words of a passage an answer's sentence rests on. The engine decides, never the model.

A claim is compared with each sentence of the passage: rare words that both have weigh more, numbers must agree, and
where words alone don't decide, the embedder does. When unsure, no sentence is named: a wrong line is worse than none.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import log
from operator import or_

import numpy as np
from numpy.typing import NDArray

from desktop_app.models.sentences import split_sentences
from desktop_app.runs.words import Bag, bag_of

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts in, unit vectors out [n, 384]; blocks."""

CLEAR = 0.6
"""Share of the claim's weight that a sentence must hold to be named without asking the embedder."""
CLEAR_MARGIN = 0.15
SURE = 0.45
"""Bar for words and meaning together."""
SURE_MARGIN = 0.06
LEAST_SHARE = 0.12
"""Below this share of common words a sentence is not named, however near its meaning seems."""
NEIGHBOUR_GAIN = 0.2
"""A sentence beside the best one belongs to the claim when it adds at least this share of it."""
_DENIAL = 0.15
"""What a sentence loses that denies where the claim doesn't, or the other way round."""
_CANDIDATES = 8
"""How many sentences the embedder looks at."""

_LEAST_QUOTED_WORDS = 3
_MARKUP = re.compile(r"\*\*|`|\\(?=[^\w\s])")
"""Markdown's signs for bold, code and escapes."""
_EDGES = " \t\n.,;:!?-*•>\"'“”„«»"
"""What may stand around a quotation without belonging to it."""


@dataclass(frozen=True)
class Aligned:
    """Start and end in the passage, and how much of the claim they hold, 0..1."""

    start: int
    end: int
    share: float


def align(claim: str, passage: str, embed: Embed, bar: float = LEAST_SHARE) -> Aligned | None:
    """The sentence, or the few adjoining ones, of `passage` that say what `claim` says; None when that is unsure.

    `bar` is the least share of the claim that must be found again. Blocks: may embed.
    """
    spans = split_sentences(passage)
    comparison = _Comparison(bag_of(claim), [bag_of(passage[start:end]) for start, end in spans])
    candidates = comparison.candidates()
    if not candidates:
        return None
    best = comparison.clear_winner(candidates)
    if best is None:
        texts = [passage[spans[at][0] : spans[at][1]] for at in candidates]
        vectors = embed([claim, *texts])
        best = comparison.winner_by_meaning(candidates, vectors[1:] @ vectors[0])
    if best is None:
        return None
    first, last = comparison.grow(best)
    share = comparison.share(first, last)
    if share < bar or not comparison.numbers_agree(first, last):
        return None
    return Aligned(spans[first][0], spans[last][1], share)


def find_verbatim(text: str, passage: str) -> Aligned | None:
    """Where `passage` has `text` word for word, whatever the white space between them and after their hyphens.

    The surest place there is.
    """
    words = _MARKUP.sub("", text).strip(_EDGES).split()
    if len(words) < _LEAST_QUOTED_WORDS:
        return None
    pattern = r"\s+".join(map(re.escape, words)).replace(r"\-", r"\-\s*")
    found = re.search(pattern + r"[.!?]?", passage)
    return None if found is None else Aligned(found.start(), found.end(), 1.0)


class _Comparison:
    """A claim beside the sentences of a passage. A word weighs more the fewer of the sentences have it."""

    def __init__(self, claim: Bag, sentences: Sequence[Bag]) -> None:
        self._claim = claim
        self._sentences = sentences
        frequency = Counter(word for bag in sentences for word in bag.words)
        self._weights = {word: log(1 + len(sentences) / (0.5 + frequency[word])) for word in claim.words}
        self._total = sum(self._weights.values())
        self._scores = [
            self.share(at, at) - (_DENIAL if bag.negated != claim.negated else 0.0) for at, bag in enumerate(sentences)
        ]

    def share(self, first: int, last: int) -> float:
        """How much of the claim's weight the sentences from `first` to `last` hold, 0..1."""
        found = self._union(first, last).words
        return sum(weight for word, weight in self._weights.items() if word in found) / (self._total or 1.0)

    def candidates(self) -> list[int]:
        """Sentences that have words of the claim, the best first."""
        order = sorted(range(len(self._sentences)), key=lambda at: -self._scores[at])
        return [at for at in order[:_CANDIDATES] if self._scores[at] > 0]

    def clear_winner(self, candidates: Sequence[int]) -> int | None:
        """The best sentence when its words alone put it ahead of all that say something else."""
        best = candidates[0]
        lead = self._lead(best, candidates, self._scores.__getitem__)
        return best if self._scores[best] >= CLEAR and lead >= CLEAR_MARGIN else None

    def winner_by_meaning(self, candidates: Sequence[int], nearness: NDArray[np.float32]) -> int | None:
        """As `clear_winner`, by words and meaning; `nearness` is the cosine of each candidate with the claim."""
        scores = {at: (self._scores[at] + float(near)) / 2 for at, near in zip(candidates, nearness, strict=True)}
        best = max(candidates, key=scores.__getitem__)
        lead = self._lead(best, candidates, scores.__getitem__)
        return best if scores[best] >= SURE and lead >= SURE_MARGIN else None

    def grow(self, best: int) -> tuple[int, int]:
        """The sentence with those beside it that hold a further part of the claim."""
        first = last = best
        while True:
            grown = [(first - 1, last), (first, last + 1)]
            grown = [(start, end) for start, end in grown if start >= 0 and end < len(self._sentences)]
            widest = max(grown, key=lambda span: self.share(*span), default=(first, last))
            if not self._adds(self._union(first, last), self._union(*widest)):
                return first, last
            first, last = widest

    def _adds(self, before: Bag, after: Bag) -> bool:
        """Whether a wider place holds a further statement of the claim, not just a common word of it."""
        gained = self._claim.words & (after.words - before.words)
        if sum(self._weights[word] for word in gained) < NEIGHBOUR_GAIN * self._total:
            return False
        if self._claim.numbers:
            return len(gained) > 1 and bool(gained & self._claim.numbers)
        return len(gained) > 2

    def numbers_agree(self, first: int, last: int) -> bool:
        return self._claim.numbers <= self._union(first, last).numbers

    def _lead(self, best: int, candidates: Sequence[int], score: Callable[[int], float]) -> float:
        """How far the best is ahead of the next that says something else, and that the claim's numbers allow."""
        winner = self._sentences[best]
        rivals = [at for at in candidates if self._sentences[at] != winner]
        if self._claim.numbers <= winner.numbers:
            rivals = [at for at in rivals if self._claim.numbers <= self._sentences[at].numbers]
        return score(best) - max(map(score, rivals), default=-1.0)

    def _union(self, first: int, last: int) -> Bag:
        return reduce(or_, self._sentences[first : last + 1])
