"""What the rest of the program sees of the code interpreter: a cell goes in, its output and its files come out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from desktop_app.wire.code import CodeTable  # which workers have no use for

Level = Literal["full", "standard", "reduced", "none"]
"""How well code is confined: bwrap and filter, filter alone, bwrap without Landlock, not at all (then none runs)."""


@dataclass(frozen=True)
class Sandbox:
    """What this machine offers. `message` is for people: what code can't do, or why there is no sandbox."""

    level: Level
    message: str


@dataclass(frozen=True)
class InputFile:
    """A file that code may read as `/mnt/data/<name>`; it is copied, never linked."""

    id: str
    name: str
    path: Path


@dataclass(frozen=True)
class Picture:
    """A PNG that the cell showed."""

    png: bytes


@dataclass(frozen=True)
class OutputFile:
    """A file that the cell wrote or changed. `path` is a copy of the host's, good until the next cell; `name` is
    what code called it under `/mnt/data/`, cleaned."""

    name: str
    path: Path


@dataclass(frozen=True)
class CellResult:
    """What became of a cell. `logs` is what it printed, with its traceback and any limit's message at the end.

    `outcome` error: code raised, which is for the model to mend; lost: the session ended and its variables are gone.
    `new_session`: this is the first result of its session, which costs count.
    """

    logs: str
    outcome: Literal["ok", "error", "interrupted", "lost"]
    pictures: Sequence[Picture] = ()
    files: Sequence[OutputFile] = ()
    seconds: float = 0.0
    new_session: bool = False
    notes: Sequence[str] = field(default_factory=tuple)
    tables: "Sequence[CodeTable]" = ()


class SandboxError(Exception):
    """No code can run here; the message says why and what to do."""


class BusyError(SandboxError):
    """Every session is at work; code can run when one has finished."""


class CodeSessions(Protocol):
    """Sessions by key (a thread's id), each with its own process and folder."""

    @property
    def sandbox(self) -> Sandbox: ...

    async def run(
        self, key: str, code: str, inputs: Sequence[InputFile] = (), on_logs: Callable[[str], None] | None = None
    ) -> CellResult:
        """Run a cell in the session `key`, begun if there is none; one at a time per session.

        Cancelling the call interrupts the cell. `on_logs` gets what is printed, as it comes, on the event loop.
        Raises SandboxError.
        """
        ...

    def prepare(self) -> None:
        """Make ready for a session that is to be expected; called on the event loop."""
        ...

    async def end(self, key: str) -> None:
        """End a session and remove its folder; nothing happens when there is none."""
        ...

    async def close(self) -> None:
        """End all sessions; leaves no process and no folder."""
        ...
