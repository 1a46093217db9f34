"""A thread's messages as the turns that a model reads: without the marks of citations, with their images."""

from collections.abc import Sequence
from typing import Any

from desktop_app.models.base import Image, ModelError, Turn
from desktop_app.models.prompting import IMAGE_LEFT_OUT, question_start
from desktop_app.runs.images import ImageReader

_GAP = "\n\n"


def history_turns(messages: Sequence[dict[str, Any]], images: ImageReader) -> list[Turn]:
    """The messages in order, without those that are empty.

    Raises ModelError for an image of the question that can't be sent; where an older one can't, or was drawn by a
    run itself, a note stands for it.
    """
    asked = question_start([message["role"] for message in messages])
    turns: list[Turn] = []
    for at in reversed(range(len(messages))):  # where images are too much together, the newest are sent
        turn = _turn(messages[at], images, in_question=at >= asked)
        if turn.text or turn.images:
            turns.insert(0, turn)
    return turns


def message_text(message: dict[str, Any]) -> str:
    """The text of a message, without the marks of citations."""
    texts = (_without_marks(part["text"]) for part in message["content"] if part["type"] == "text")
    return _GAP.join(filter(None, texts))


def _turn(message: dict[str, Any], reader: ImageReader, *, in_question: bool) -> Turn:
    texts: list[str] = []
    images: list[Image] = []
    for part in message["content"]:
        if part["type"] == "text":
            texts.append(_without_marks(part["text"]))
        elif message["run_id"] is not None:
            texts.append(IMAGE_LEFT_OUT)
        else:
            try:
                images.append(reader.read(part, at=len(_GAP.join(filter(None, texts)))))
            except ModelError:
                if in_question:
                    raise
                texts.append(IMAGE_LEFT_OUT)
    return Turn(message["role"], _GAP.join(filter(None, texts)), images=tuple(images))


def _without_marks(text: dict[str, Any]) -> str:
    value: str = text["value"]
    marks = [annotation for annotation in text["annotations"] if annotation["type"] == "file_citation"]
    for annotation in sorted(marks, key=lambda annotation: -annotation["start_index"]):
        value = value[: annotation["start_index"]] + value[annotation["end_index"] :]
    return value
