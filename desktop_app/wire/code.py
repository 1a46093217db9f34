"""What Deskside adds for the code interpreter: what became of a cell, cells without a run, and the sandbox."""

from typing import Literal

from pydantic import BaseModel


class CodeFile(BaseModel):
    """A file that code has written; `name` is what it is called below /mnt/data/."""

    file_id: str
    name: str


class CodeExtension(BaseModel):
    """`deskside` of a code_interpreter call: what became of the cell, after how many seconds, and its files.

    `outcome` error: the code raised; interrupted: it was stopped; lost: its session ended; refused: no sandbox;
    "" as long as it has not ended. `notes` are for people, about files that came in or out otherwise than asked.
    """

    outcome: Literal["", "ok", "error", "interrupted", "lost", "refused"] = ""
    seconds: float = 0.0
    files: list[CodeFile] = []
    notes: list[str] = []


class Cell(CodeExtension):
    """`POST /v1/deskside/threads/{id}/code`: a cell that the person ran. `images` are ids of files."""

    object: Literal["deskside.cell"] = "deskside.cell"
    logs: str = ""
    images: list[str] = []


class SandboxState(BaseModel):
    """How well code is confined on the service's machine; `message` is for people."""

    level: Literal["full", "standard", "reduced", "none"] = "none"
    message: str = ""


class AttackResult(BaseModel):
    """One attack on the sandbox; `through`: it was not refused. `seen` is what it said."""

    area: str
    name: str
    through: bool
    seen: str


class SelfTest(BaseModel):
    """`POST /v1/deskside/interpreter/self-test`: what came of all attacks at the level that is in use."""

    object: Literal["deskside.self_test"] = "deskside.self_test"
    sandbox: SandboxState
    data: list[AttackResult] = []
    ran_at: int
    """Unix seconds."""
