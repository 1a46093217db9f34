"""Cells of code in the sessions of threads: what they read comes from the library, and what they leave goes there."""

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

from desktop_app.documents.files import Library, NewFile
from desktop_app.interpreter.base import CellResult, CodeSessions, InputFile, Sandbox, SandboxError
from desktop_app.interpreter.names import clean, unused
from desktop_app.runs.code_argument import without_fence
from desktop_app.store.assistants import assistant_row
from desktop_app.store.blobs import Blobs
from desktop_app.store.code_files import insert_code_files
from desktop_app.store.database import Connection, Database
from desktop_app.store.files import file_rows
from desktop_app.store.runs import newest_assistant
from desktop_app.store.threads import thread_row
from desktop_app.store.usage_events import insert_usage_event
from desktop_app.wire.code import CodeTable
from desktop_app.wire.errors import ApiError

TOOL = "code_interpreter"
_PURPOSE = "assistants_output"

Result = TypeVar("Result")


@dataclass
class CellOutput:
    """What a cell has printed, shown and written; files by their ids. `outcome` as in `wire.code`."""

    logs: str = ""
    images: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """Ids by the names that code gave them."""
    notes: list[str] = field(default_factory=list)
    """For people, about files that came in or out otherwise than asked."""
    outcome: Literal["", "ok", "error", "interrupted", "lost", "refused"] = ""
    seconds: float = 0.0
    tables: list[CodeTable] = field(default_factory=list)


@dataclass
class Produced:
    """What the code of a run has made: `images` that no message shows yet, and the thread's `files`, ids by name."""

    images: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def add(self, output: CellOutput) -> None:
        self.images.extend(output.images)
        self.files.update(output.files)

    def take_images(self) -> list[str]:
        """For the message that shows them."""
        images, self.images = self.images, []
        return images


class Cells:
    """The sessions of all threads, and the library around them. Methods block unless they are coroutines.

    `open_sessions` is called at the first use; as many cells as there are sessions run `at_once`, others wait.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        library: Library,
        open_sessions: Callable[[], CodeSessions],
        at_once: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._library = library
        self._open_sessions = open_sessions
        self._opening = threading.Lock()
        self._opened: CodeSessions | None = None
        self._free = asyncio.Semaphore(at_once)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def sandbox(self) -> Sandbox:
        """What this machine offers."""
        return self._sessions().sandbox

    def inputs(self, thread_id: str, assistant_id: str | None) -> list[InputFile]:
        """The files of the assistant and of the thread, each under a name of its own; a deleted assistant has none."""
        with self._database.read() as connection:
            owners = [thread_row(connection, thread_id)]
            with suppress(ApiError):
                owners.insert(0, assistant_row(connection, assistant_id or ""))
            resources = [(owner["tool_resources"] or {}).get(TOOL) or {} for owner in owners]
            ids = list(dict.fromkeys(file_id for each in resources for file_id in each.get("file_ids") or ()))
            rows = file_rows(connection, ids)
        given: dict[str, InputFile] = {}
        for row in (rows[file_id] for file_id in ids if file_id in rows):
            name = unused(clean(row["filename"]), given)
            given[name] = InputFile(row["id"], name, self._blobs.path(row["sha256"]))
        return list(given.values())

    async def prepare(self) -> None:
        """Make ready for a cell that is to be expected."""
        (await asyncio.to_thread(self._sessions)).prepare()

    async def run(
        self,
        thread_id: str,
        code: str,
        inputs: Sequence[InputFile],
        keep: Callable[[CellResult], Awaitable[Result]],
        on_logs: Callable[[str], None] | None = None,
    ) -> Result:
        """Run a cell in the thread's session and `keep` what it leaves, which lasts no longer. Raises SandboxError."""
        sessions = await asyncio.to_thread(self._sessions)
        async with self._turns.setdefault(thread_id, asyncio.Lock()), self._free:
            return await keep(await sessions.run(thread_id, code, inputs, on_logs))

    async def run_alone(self, thread_id: str, code: str) -> CellOutput:
        """Run a cell that no model has asked for. Raises ApiError 404."""

        def check(connection: Connection, output: CellOutput) -> CellOutput:
            thread_row(connection, thread_id)  # which may be gone meanwhile
            return output

        async def keep(result: CellResult) -> CellOutput:
            return await asyncio.to_thread(self.keep, thread_id, None, result, check)

        inputs = await asyncio.to_thread(self._inputs_alone, thread_id)
        try:
            return await self.run(thread_id, without_fence(code), inputs, keep)
        except SandboxError as error:
            return CellOutput(str(error), outcome="refused")

    def keep(
        self,
        thread_id: str,
        run_id: str | None,
        result: CellResult,
        then: Callable[[Connection, CellOutput], Result],
    ) -> Result:
        """Make files of what a cell leaves, and do what `then` does with them, in one transaction: all or nothing."""
        with ExitStack() as opened:
            pictures = [
                NewFile(io.BytesIO(picture.png), f"image-{number}.png", _PURPOSE)
                for number, picture in enumerate(result.pictures, 1)
            ]
            files = [
                NewFile(opened.enter_context(file.path.open("rb")), PurePath(file.name).name, _PURPOSE)
                for file in result.files
            ]

            def insert(connection: Connection, rows: list[dict[str, Any]]) -> Result:
                ids = [row["id"] for row in rows]
                images, written = ids[: len(pictures)], ids[len(pictures) :]
                names = [file.name for file in result.files]
                output = CellOutput(
                    result.logs,
                    images,
                    dict(zip(names, written, strict=True)),
                    list(result.notes),
                    result.outcome,
                    result.seconds,
                    list(result.tables),
                )
                done = then(connection, output)  # first: it says whether the thread is still there
                insert_code_files(connection, thread_id, output.files)
                if result.new_session:
                    insert_usage_event(connection, "code_session", thread_id, run_id)
                return done

            return self._library.add_all([*pictures, *files], insert)

    async def end(self, thread_id: str) -> None:
        """End the thread's session, if there is one."""
        if self._opened is not None:
            await self._opened.end(thread_id)

    async def close(self) -> None:
        """End all sessions."""
        if self._opened is not None:
            await self._opened.close()

    def _inputs_alone(self, thread_id: str) -> list[InputFile]:
        with self._database.read() as connection:
            thread_row(connection, thread_id)
            assistant_id = newest_assistant(connection, thread_id)
        return self.inputs(thread_id, assistant_id)

    def _sessions(self) -> CodeSessions:
        with self._opening:
            if self._opened is None:
                self._opened = self._open_sessions()
            return self._opened
