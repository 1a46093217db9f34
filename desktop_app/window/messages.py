"""The protocol's messages as the conversation view shows them."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from desktop_app.window.conversation.items import CitationMark, MessageItem, ProducedFile, Status
from desktop_app.wire.extensions import Citation

if TYPE_CHECKING:
    from openai.types.beta.threads import Message

_ENDS: dict[str, tuple[Status, str]] = {
    "run_cancelled": ("stopped", "Stopped."),
    "run_failed": ("failed", "The answer broke off."),
    "run_expired": ("failed", "The answer took too long and was ended."),
    "max_tokens": ("stopped", "The answer was cut off at its length limit."),
    "content_filter": ("stopped", "The provider's content filter ended the answer."),
}
"""Why a message is incomplete, and how that is shown."""


def item_of(message: "Message") -> MessageItem:
    """A message with its citations; offsets of later text parts are moved to where they stand in the joined text."""
    text = ""
    marks: list[CitationMark] = []
    pictures = tuple(part.image_file.file_id for part in message.content if part.type == "image_file")
    files: dict[str, str] = {}
    for part in message.content:
        if part.type != "text":
            continue
        files |= {mark.file_path.file_id: mark.text for mark in part.text.annotations if mark.type == "file_path"}
        if text:
            text += "\n\n"
        marks += citation_marks(part.text.annotations, offset=len(text))
        text += part.text.value
    status: Status = "in_progress" if message.status == "in_progress" else "completed"
    note = ""
    if message.incomplete_details is not None:
        status, note = _ENDS.get(message.incomplete_details.reason, ("stopped", ""))
    produced = tuple(ProducedFile(file_id, PurePosixPath(unquote(path)).name) for file_id, path in files.items())
    return MessageItem(
        message.id,
        message.role,
        text,
        tuple(marks),
        status,
        note,
        message.created_at,
        pictures=pictures,
        files=produced,
    )


def citation_marks(annotations: Sequence[Any] | None, offset: int = 0) -> list[CitationMark]:
    """The file citations among `annotations`; those without a place in the text are left out."""
    marks = []
    for annotation in annotations or ():
        cited = getattr(annotation, "file_citation", None)
        if cited is None or annotation.start_index is None or annotation.end_index is None:
            continue
        fields = {"file_name": "", "quote": ""} | {k: v for k, v in cited.to_dict().items() if v is not None}
        citation = Citation.model_validate(fields)
        marks.append(CitationMark(offset + annotation.start_index, offset + annotation.end_index, citation))
    return marks
