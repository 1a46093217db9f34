"""/deskside/threads/{thread_id}/code and /deskside/interpreter: code that the person runs, and the sandbox tested."""

from typing import Annotated, Required

from fastapi import APIRouter, Depends, Request
from typing_extensions import TypedDict

from desktop_app.runs.cells import CellOutput
from desktop_app.service.requests import Body, InRooms, Json, while_connected
from desktop_app.wire.code import Cell, CodeFile, SelfTest

router = APIRouter(prefix="/deskside", tags=["code"])


class CodeParams(TypedDict, total=False):
    """Python code of one cell."""

    code: Required[str]


@router.post("/threads/{thread_id}/code")
async def run_code(
    rooms: InRooms, request: Request, thread_id: str, body: Annotated[Json, Depends(Body(CodeParams))]
) -> Cell:
    """Run a cell in the thread's session without a run; a client that leaves stops it."""
    output: CellOutput = await while_connected(request, rooms.cells.run_alone(thread_id, body["code"]))
    return Cell(
        logs=output.logs,
        images=output.images,
        outcome=output.outcome,
        seconds=output.seconds,
        files=[CodeFile(file_id=file_id, name=name) for name, file_id in output.files.items()],
        notes=output.notes,
        tables=output.tables,
    )


@router.post("/interpreter/self-test")
async def self_test(rooms: InRooms) -> SelfTest:
    """Attack the sandbox that is in use; takes some seconds."""
    return await rooms.self_tester.run()
