"""What to search for when the engine searches first: the question, and what a follow-up refers to."""

import re
from collections.abc import Sequence

from desktop_app.models.base import Turn
from desktop_app.models.sentences import split_sentences
from desktop_app.runs.words import STOP_WORDS, bag_of, fold, listed
from desktop_app.wire.answers import NOT_FOUND

_FOLLOW_UP_WORDS = 12
"""A longer question says itself what it is about."""
_LOOK_BACK = 3
_ANSWER_CHARS = 300
_WORD = re.compile(r"[^\W_]+")
_REFERRING = frozenset(
    listed(
        """it its they them their theirs this that these those he him his she her hers there one ones same other others
        else former latter er sie es ihn ihm ihr dies diese dieser dieses davon dazu daran dort il elle ils elles ça"""
    )
)
_GOING_ON = re.compile(
    r"(?:and|but|or|so|then|(?:what|how) about|why|und|aber|et|mais|warum|pourquoi)\b", re.IGNORECASE
)


def search_query(history: Sequence[Turn]) -> str:
    """The query for the newest user message of `history`; "" when there is none.

    A follow-up ("And for how long?") is preceded by the content words of what was asked, and answered, before it.
    """
    asked = [at for at, turn in enumerate(history) if turn.role == "user"]
    if not asked:
        return ""
    question = history[asked[-1]].text
    parts = [question]
    for newer, older in list(zip(asked[::-1], asked[-2::-1], strict=False))[:_LOOK_BACK]:
        if not _refers_back(history[newer].text):
            break
        answers = [turn.text for turn in history[older + 1 : newer] if turn.role == "assistant"]
        parts.insert(0, _content_words(" ".join([history[older].text, *map(_beginning, answers)])))
    return " ".join(part for part in parts if part)


def _refers_back(question: str) -> bool:
    words = _WORD.findall(fold(question))
    if len(words) > _FOLLOW_UP_WORDS:
        return False
    content = bag_of(question).words
    return len(content) < 2 or bool(_GOING_ON.match(question.strip())) or not _REFERRING.isdisjoint(words)


def _beginning(answer: str) -> str:
    """The first sentence of an answer: what the next question is likely about."""
    if NOT_FOUND in answer:
        return ""
    spans = split_sentences(answer[:_ANSWER_CHARS])
    return answer[: spans[0][1]] if spans else ""


def _content_words(text: str) -> str:
    """The words that say what a text is about, as written, each once."""
    words = [word for word in _WORD.findall(text) if fold(word) not in STOP_WORDS and fold(word) not in _REFERRING]
    return " ".join(dict.fromkeys(words))
