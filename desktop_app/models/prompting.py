"""How a language model is shown what is not plain text: passages with their markers, images left out."""

import json
from collections.abc import Sequence
from dataclasses import replace

from desktop_app.models.base import Image, ModelRequest, Passage, ToolCall, Turn

NOTHING_FOUND = "The documents hold nothing on this."
IMAGE_LEFT_OUT = "[an image was here]"
_OF_ASSISTANT = "(What the answer above shows.)"


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


def spoken_turns(request: ModelRequest) -> list[Turn]:
    """The turns as a wire sends them: the question preceded by what was found for it, images with the user only."""
    turns = list(request.turns)
    if request.passages is not None:
        before = with_passages("", request.passages)
        last = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=None)
        if last is None:
            turns.append(Turn("user", before))
        else:
            turns[last] = _preceded(turns[last], before)
    return [each for turn in turns for each in _with_own_images(turn)]


def sent_arguments(call: ToolCall) -> str:
    """A call's arguments as JSON, which some servers read; what is none is left out."""
    try:
        json.loads(call.arguments)
    except (ValueError, RecursionError):
        return "{}"
    return call.arguments


def parts_in_order(turn: Turn) -> list[str | Image]:
    """The turn's text cut at the places of its images."""
    parts: list[str | Image] = []
    start = 0
    for image in turn.images:
        parts += [turn.text[start : image.at].strip("\n"), image]
        start = image.at
    return [part for part in (*parts, turn.text[start:].strip("\n")) if part]


def _preceded(turn: Turn, before: str) -> Turn:
    images = [replace(image, at=image.at + len(before)) for image in turn.images]
    return replace(turn, text=before + turn.text, images=images)


def _with_own_images(turn: Turn) -> list[Turn]:
    """An assistant's images follow its turn as a user's, because no wire lets an assistant's hold any."""
    if turn.role != "assistant" or not turn.images:
        return [turn]
    shown = Turn("user", _OF_ASSISTANT, images=[replace(image, at=len(_OF_ASSISTANT)) for image in turn.images])
    return [replace(turn, text=turn.text or IMAGE_LEFT_OUT, images=()), shown]
