"""What to search for when the engine searches first: the question, and what a follow-up refers to."""

from collections.abc import Sequence

from desktop_app.models.base import Turn


def search_query(history: Sequence[Turn]) -> str:
    """The query for the newest user message of `history`; "" when there is none."""
    questions = [turn.text for turn in history if turn.role == "user"]
    return questions[-1] if questions else ""
