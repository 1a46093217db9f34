"""How far the words of a question and of a sentence mean the same, each word read in its context.

Comparing word by word (late interaction, as in ColBERT) shows what one vector for a whole sentence blurs: that one
word of the question has nothing like it in the sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.models.reading.words import is_stop, is_weak, stem, word_spans

Floats = NDArray[np.float32]
Read = Callable[[str], tuple[NDArray[np.int32], Floats]]
"""The tokens of a text: where they stand, [n, 2] in code points, and their vectors in context, [n, width]."""

_OPENING = 2
"""Words that open a question, "how long": what is like them in a sentence is of the kind that is asked for."""


@dataclass(frozen=True)
class Reading:
    """A text's words with a unit vector each [words, width], and the unit vector of the whole [width]."""

    words: tuple[str, ...]
    vectors: Floats
    whole: Floats


def read_words(text: str, read: Read) -> Reading:
    """Reads `text`; the vector of a word is the mean of its tokens'. Words cut off have none and are left out."""
    spans, tokens = read(text)
    words, vectors = [], []
    for start, end in word_spans(text):
        inside = (spans[:, 0] < end) & (spans[:, 1] > start)
        if inside.any():
            words.append(text[start:end])
            vectors.append(_unit(tokens[inside].mean(axis=0)))
    stacked = np.stack(vectors) if vectors else np.empty((0, tokens.shape[1]), np.float32)
    return Reading(tuple(words), stacked, _unit(tokens.mean(axis=0)))


def compare(asked: Reading, weights: Mapping[str, float], said: Reading) -> dict[str, float]:
    """Mean cosines of words with the word most like them on the other side.

    `words`: of the question's telling words, by the `weights` of their stems; `weakest`: of that one of them that has
    least; `opening`: of the words it opens with; `back`: of the telling words of the sentence.
    """
    telling = [at for at, word in enumerate(asked.words) if not is_stop(word) and stem(word) in weights]
    saying = [at for at, word in enumerate(said.words) if not is_stop(word)]
    if not telling or not saying:
        return {"words": 0.0, "weakest": 0.0, "opening": 0.0, "back": 0.0}
    cosines = asked.vectors @ said.vectors.T
    among_telling = cosines[np.ix_(telling, saying)]
    importance = np.array([weights[stem(asked.words[at])] for at in telling])
    needed = [at for at in telling if not is_weak(asked.words[at])] or telling
    return {
        "words": float(among_telling.max(axis=1) @ importance / importance.sum()),
        "weakest": float(cosines[needed].max(axis=1).min()),
        "opening": float(cosines[:_OPENING].max(axis=1).mean()),
        "back": float(among_telling.max(axis=0).mean()),
    }


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit
