"""What the conversation shows: one item per message, with its citations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from desktop_app.wire.code import CodeTable
    from desktop_app.wire.extensions import Citation

Role = Literal["user", "assistant", "thoughts", "code"]
"""Thoughts and code: what a model thought, and the code that it ran, before the message below them."""
_OPENED = {
    *(".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".tsv", ".txt", ".md", ".json"),
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"),
}
"""Of files that code has written, those that can't run anything when they are opened; pages and drawings can."""
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

    @property
    def can_open(self) -> bool:
        """Whether another program may be given it without a thought; other files are saved only."""
        return PurePath(self.name).suffix.lower() in _OPENED

    @property
    def action(self) -> str:
        """What a press does, in words."""
        return (
            f"Open {self.name}" if self.can_open else f"Save {self.name}… (it could run a program if it were opened)"
        )


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

    def file(self, file_id: str) -> ProducedFile:
        """One of `files`."""
        return next(file for file in self.files if file.file_id == file_id)
