"""How a language model is shown what is not plain text: passages with their markers, images left out."""

from collections.abc import Sequence
from dataclasses import replace

from desktop_app.models.base import ModelRequest, Passage, Turn

NOTHING_FOUND = "The documents hold nothing on this."
IMAGE_LEFT_OUT = "[an image was here]"


def render_passages(passages: Sequence[Passage]) -> str:
    """The passages one after the other, as a tool's result or as part of a prompt."""
    if not passages:
        return NOTHING_FOUND
    return "\n\n".join(f"{passage.marker} {passage.file_name}\n{passage.text}" for passage in passages)


def with_passages(question: str, passages: Sequence[Passage]) -> str:
    """A question preceded by what was found for it."""
    return f"Passages from the documents:\n\n{render_passages(passages)}\n\nQuestion: {question}"


def question_start(roles: Sequence[str]) -> int:
    """Where the newest question begins: at the last user's turn, or the first of several in a row; 0 without any."""
    newest = max((at for at, role in enumerate(roles) if role == "user"), default=0)
    while newest > 0 and roles[newest - 1] == "user":
        newest -= 1
    return newest


def without_images(turn: Turn) -> Turn:
    """The turn with a note where it had images."""
    notes = [IMAGE_LEFT_OUT] * len(turn.images)
    return replace(turn, text="\n\n".join([*filter(None, [turn.text]), *notes]), images=())


def without_older_images(request: ModelRequest) -> ModelRequest | None:
    """`request` without images; None when it has none, or when the question itself has some."""
    asked = question_start([turn.role for turn in request.turns])
    if any(turn.images for turn in request.turns[asked:]) or not any(turn.images for turn in request.turns):
        return None
    return replace(request, turns=[without_images(turn) for turn in request.turns])
