"""What the conversation shows: one item per message, with its citations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from desktop_app.wire.code import CodeTable
    from desktop_app.wire.extensions import Citation

Role = Literal["user", "assistant", "thoughts", "code"]
"""Thoughts and code: what a model thought, and the code that it ran, before the message below them."""
PRODUCED = "sandbox"
"""The scheme of a link to a file that code has written."""
Status = Literal["in_progress", "completed", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class CitationMark:
    """Code points `start`..`end` of the message's Markdown are shown as a chip that leads to `citation`."""

    start: int
    end: int
    citation: "Citation"


@dataclass(frozen=True, slots=True)
class ProducedFile:
    """A file that the code of a run has written."""

    file_id: str
    name: str


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message as the conversation shows it.

    `text` is Markdown for the assistant and plain text for the user. `note` is a sentence under the message: why it
    failed (with a Retry button) or what became of it ("Stopped"). `created_at` is in Unix seconds, 0 if unknown.
    `in_settings`: why it failed can be put right in Settings. `seconds`: how long thoughts or code took, 0 if
    unknown. Code is `stopped` when it raised or was stopped.
    """

    id: str
    role: Role
    text: str = ""
    citations: Sequence[CitationMark] = field(default=())
    status: Status = "completed"
    note: str = ""
    created_at: int = 0
    in_settings: bool = False
    seconds: int = 0
    pictures: Sequence[str] = ()
    """Ids of files."""
    files: Sequence[ProducedFile] = ()
    code: str = ""
    """As it was run; `text` shows it with its output, `tables` among it."""
    tables: "Sequence[CodeTable]" = ()
