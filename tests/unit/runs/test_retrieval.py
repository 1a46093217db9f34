"""The query of a question, and of one that only makes sense after the one before it."""

import pytest

from desktop_app.models.base import Turn
from desktop_app.runs.retrieval import search_query
from desktop_app.wire.answers import NOT_FOUND


def _history(*texts: str) -> list[Turn]:
    return [Turn("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("history", "query"),
    [
        (["What is the deposit?"], "What is the deposit?"),
        (
            ["What is the deposit?", "It is 250 euros.", "How long does the battery charge?"],
            "How long does the battery charge?",
        ),
        (
            ["What is the deposit?", "The deposit is 250 euros. It is returned.", "When is it returned?"],
            "deposit 250 euros When is it returned?",
        ),
        (["Who founded Acme?", "Jane Doe did.", "And when?"], "founded Acme Jane Doe And when?"),
        (["How long is the warranty?", NOT_FOUND, "Why?"], "long warranty Why?"),
        (
            ["Tell me about leave", "27 days.", "And for illness?", "Six weeks.", "And after that?"],
            "Tell leave 27 days illness Six weeks And after that?",
        ),
        ([], ""),
    ],
)
def test_a_follow_up_takes_what_it_refers_to(history: list[str], query: str) -> None:
    assert search_query(_history(*history)) == query


def test_a_long_question_stands_on_its_own() -> None:
    long = "Which of the services in the workshop price list takes longer than it did in the year before last?"
    assert search_query(_history("What is the deposit?", "250 euros.", long)) == long
