"""The code_interpreter tool of one run: the cells that the model writes, run in the session of its thread."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop_app.interpreter.base import CellResult, InputFile, SandboxError
from desktop_app.models.base import FunctionTool
from desktop_app.runs.calls import Call
from desktop_app.runs.cells import TOOL, CellOutput, Cells, Produced
from desktop_app.runs.code_argument import CodeArgument, without_fence
from desktop_app.runs.recorder import RunRecorder
from desktop_app.store.database import Connection
from desktop_app.wire.code import CodeExtension, CodeFile

MAX_CELLS = 32
"""A model that has run so many cells in one run goes round in circles."""
_OUTPUT_CHARS = 20_000
"""How much of what a cell prints a model reads: its beginning and its end."""

_NO_CODE = "No code was given: write it into the argument 'code'."
_ENOUGH = f"This run has used its {MAX_CELLS} cells of code. Answer with what you have."
_GUIDANCE = (
    "code_interpreter runs Python in a session that keeps its variables, without a network. Figures that it shows "
    "reach the user. To hand over a file, write it into /mnt/data and link it in your answer, such as "
    "[report.csv](sandbox:/mnt/data/report.csv)."
)
_OFFERED = FunctionTool(
    name=TOOL,
    description="Run Python code, for calculations, data, charts and files. Answers with what it prints.",
    parameters={
        "type": "object",
        "properties": {"code": {"type": "string", "description": "The Python code of one cell."}},
        "required": ["code"],
        "additionalProperties": False,
    },
)


@dataclass
class CodeCall(Call):
    """A call of the interpreter: the code as far as it is written, and what has come of it."""

    output: CellOutput = field(default_factory=CellOutput)
    _argument: CodeArgument = field(default_factory=CodeArgument)

    type = TOOL
    part = "input"

    @property
    def code(self) -> str:
        return self._argument.code

    @property
    def arguments(self) -> str:
        """As a model is shown them again, whatever it wrote."""
        return code_arguments(self.code)

    def begun(self) -> dict[str, Any]:
        return {TOOL: {"input": "", "outputs": []}}

    def read(self, fragment: str) -> str:
        return self._argument.read(fragment)

    def finish(self) -> str:
        """The arguments are complete; what that adds to the code."""
        return self._argument.finish("".join(self.fragments))

    def kept(self) -> dict[str, Any]:
        files = [CodeFile(file_id=file_id, name=name) for name, file_id in self.output.files.items()]
        extension = CodeExtension(
            outcome=self.output.outcome,
            seconds=self.output.seconds,
            files=files,
            notes=self.output.notes,
            tables=self.output.tables,
        )
        logs = [{"type": "logs", "logs": self.output.logs}] if self.output.logs else []
        images = [{"type": "image", "image": {"file_id": file_id}} for file_id in self.output.images]
        interpreter = {"input": self.code, "outputs": [*logs, *images]}
        return {"id": self.id, "type": TOOL, TOOL: interpreter, "deskside": extension.model_dump()}


class CodeInterpreter:
    """Runs cells one after the other, and adds what they leave to what the run has `produced`.

    `cells_done`: how many the run had before it waited for its client, or was recovered.
    """

    offered = _OFFERED
    status_text = "Running code..."

    def __init__(
        self,
        cells: Cells,
        recorder: RunRecorder,
        run: dict[str, Any],
        produced: Produced,
        inputs: Sequence[InputFile],
        cells_done: int,
    ) -> None:
        self._cells = cells
        self._recorder = recorder
        self._run = run
        self._produced = produced
        self._inputs = inputs
        self._cells_done = cells_done

    @property
    def guidance(self) -> str:
        names = ", ".join(each.name for each in self._inputs)
        return f"{_GUIDANCE} In /mnt/data there is: {names}." if names else _GUIDANCE

    async def do(self, call: CodeCall) -> str:
        self._recorder.tell_part(call.at, "input", call.finish())
        code = without_fence(call.code)
        if not code.strip():
            self._print(call, _NO_CODE)
        elif self._cells_done == MAX_CELLS:
            self._print(call, _ENOUGH)
        else:
            self._cells_done += 1
            await self._recorder.keep_calls()  # with the code, should this process end in mid-cell
            await self._execute(call, code)
        return render_output(call.kept())

    async def _execute(self, call: CodeCall, code: str) -> None:
        thread_id, run_id = self._run["thread_id"], self._run["id"]

        async def keep(result: CellResult) -> None:
            def write(change: Callable[[Connection], None]) -> None:
                def then(connection: Connection, output: CellOutput) -> None:
                    call.output = output
                    change(connection)

                self._cells.keep(thread_id, run_id, result, then)

            await self._recorder.keep_calls(write)

        printed: list[str] = []

        def on_logs(text: str) -> None:
            printed.append(text)
            self._print(call, text)

        try:
            await self._cells.run(thread_id, code, self._inputs, keep, on_logs)
        except SandboxError as error:
            call.output.outcome = "refused"
            self._print(call, str(error))
            return
        self._tell_rest(call, "".join(printed))
        self._produced.add(call.output)

    def _tell_rest(self, call: CodeCall, told: str) -> None:
        """What of the output was not told while the cell ran."""
        self._recorder.tell_part(call.at, "logs", call.output.logs[len(told) :])
        first = 1 if call.output.logs else 0
        for index, file_id in enumerate(call.output.images, first):
            image = {"index": index, "type": "image", "image": {"file_id": file_id}}
            self._recorder.tell_call({"index": call.at, "type": TOOL, TOOL: {"outputs": [image]}})

    def _print(self, call: CodeCall, text: str) -> None:
        call.output.logs += text
        self._recorder.tell_part(call.at, "logs", text)


def code_arguments(code: str) -> str:
    """The arguments of a call with this code."""
    return json.dumps({"code": code}, ensure_ascii=False)


def render_output(call: dict[str, Any]) -> str:
    """What has come of a call, given as its step keeps it, as models read it."""
    outputs, files = call[TOOL]["outputs"], call["deskside"]["files"]
    logs = "".join(output["logs"] for output in outputs if output["type"] == "logs")
    images = sum(output["type"] == "image" for output in outputs)
    notes = [
        _shortened(logs.strip("\n")),
        *(f"[{note}]" for note in call["deskside"]["notes"]),
        f"[The user is shown {images} image{'s' if images > 1 else ''}.]" if images else "",
        f"[Written: {', '.join('/mnt/data/' + file['name'] for file in files)}]" if files else "",
    ]
    return "\n".join(filter(None, notes)) or "[The code printed nothing.]"


def _shortened(logs: str) -> str:
    left_out = len(logs) - _OUTPUT_CHARS
    half = _OUTPUT_CHARS // 2
    return logs if left_out <= 0 else f"{logs[:half]}\n[... {left_out} characters ...]\n{logs[-half:]}"
