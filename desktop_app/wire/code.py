"""What Deskside adds for the code interpreter: what became of a cell, cells without a run, and the sandbox."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, NonNegativeInt, StringConstraints, model_validator

from desktop_app.wire.limits import CODE_TABLE_CELL_CHARS, CODE_TABLE_COLUMNS, CODE_TABLE_ROWS

_CellText = Annotated[str, StringConstraints(max_length=CODE_TABLE_CELL_CHARS)]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class CodeFile(BaseModel):
    """A file that code has written; `name` is what it is called below /mnt/data/."""

    file_id: str
    name: str


class CodeTable(BaseModel):
    """The beginning of a table that code showed, as texts: `head` names the columns, the index first.

    `rows` and `columns` count the whole table, without head and index. The characters `start`..`end` of the logs
    say the same; both are the logs' length where none do.
    """

    head: Annotated[list[_CellText], Field(min_length=1, max_length=CODE_TABLE_COLUMNS + 1)]
    body: Annotated[list[list[_CellText]], Field(max_length=CODE_TABLE_ROWS)]
    rows: _Count
    columns: _Count
    start: NonNegativeInt = 0
    end: NonNegativeInt = 0

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if any(len(row) != len(self.head) for row in self.body):
            raise ValueError("Every row needs as many texts as the head.")
        if self.rows < len(self.body) or self.columns < len(self.head) - 1:
            raise ValueError("There can't be more rows or columns than are counted.")
        return self


class CodeExtension(BaseModel):
    """`deskside` of a code_interpreter call: what became of the cell, after how many seconds, and its files.

    `outcome` error: the code raised; interrupted: it was stopped; lost: its session ended; refused: no sandbox;
    "" as long as it has not ended. `notes` are for people, about files that came in or out otherwise than asked.
    """

    outcome: Literal["", "ok", "error", "interrupted", "lost", "refused"] = ""
    seconds: float = 0.0
    files: list[CodeFile] = []
    notes: list[str] = []
    tables: list[CodeTable] = []


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
