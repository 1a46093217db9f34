"""A session: one worker, one data folder, one cell at a time, and what happens when a cell goes beyond its limits."""

import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from desktop_app.interpreter import figures, pictures, refusals, shown_tables
from desktop_app.interpreter.base import CellResult, InputFile, Picture, SandboxError
from desktop_app.interpreter.folder import DataFolder
from desktop_app.interpreter.launch import Worker
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.logs import CellLog
from desktop_app.interpreter.process import Gone
from desktop_app.wire.code import CodeTable
from desktop_app.wire.limits import CODE_TABLES

_WATCH_S = 0.25
_MARK_S = 1.0
"""How long the last of the printed text may take after the cell has ended."""
_WATCH_MEMORY = sys.platform != "linux"
"""Elsewhere the system itself keeps the limit."""
_OUTCOMES = ("ok", "error", "interrupted")


@dataclass
class _Shown:
    """What came of a cell by frames; tables with what was printed of them."""

    pictures: list[Picture] = field(default_factory=list)
    tables: list[tuple[CodeTable, str]] = field(default_factory=list)

    def take(self, kind: object, attached: bytes) -> bool:
        """False: it is nothing that workers send. A picture that can't be shown is left out, for code makes those."""
        if kind == "picture":
            if len(self.pictures) < figures.MAX_PER_CELL and (picture := pictures.read(attached)):
                self.pictures.append(picture)
            return True
        if kind != "table" or len(self.tables) == CODE_TABLES or (table := shown_tables.read(attached)) is None:
            return False
        self.tables.append(table)
        return True


@dataclass
class _End:
    outcome: Literal["ok", "error", "interrupted", "lost"]
    why: str = ""


class Session:
    """Use it from one thread at a time."""

    def __init__(self, worker: Worker, kept: Path, limits: Limits) -> None:
        self._worker = worker
        self._limits = limits
        self._folder = DataFolder(worker.folder, kept, limits)
        self._cells = 0
        self._told = False
        self._notes: list[str] = []

    @property
    def lost(self) -> bool:
        """Whether the worker is gone; `restart` gives it another."""
        return self._worker.process.ended.is_set()

    def restart(self, worker: Worker) -> None:
        """Go on with another worker and the same files."""
        self._folder.move_to(worker.folder)
        self._worker = worker
        if not self._told:
            self._notes.append(_restarted("it ended while it was not used"))
        self._told = False

    def end(self) -> None:
        """Kill the worker and remove the folder."""
        self._worker.process.kill()
        self._folder.remove()

    def run(
        self,
        code: str,
        inputs: Sequence[InputFile],
        on_text: Callable[[str], None],
        stop: threading.Event,
        new_session: bool = False,
    ) -> CellResult:
        """Run a cell, until `stop` is set; see CodeSessions.run. Raises SandboxError when the disk is in the way."""
        try:
            return self._run(code, inputs, on_text, stop, new_session)
        except BaseException as error:
            self._worker.process.kill()  # rather none than one that goes on unwatched
            if isinstance(error, OSError):
                raise SandboxError(f"The files of the code session could not be kept: {error}.") from error
            raise

    def _run(
        self,
        code: str,
        inputs: Sequence[InputFile],
        on_text: Callable[[str], None],
        stop: threading.Event,
        new_session: bool,
    ) -> CellResult:
        began = time.monotonic()
        if len(code.encode(errors="replace")) > self._limits.code_bytes:
            return CellResult(f"The code is longer than {self._limits.code_bytes // MB} MB.", "error")
        notes, self._notes = [*self._notes, *self._folder.put(inputs)], []
        self._folder.begin()
        self._cells += 1
        mark = secrets.token_hex(16)
        log = CellLog(
            mark.encode(), str(self._worker.folder), self._limits.log_bytes, self._limits.flood_bytes, on_text
        )
        shown = _Shown()
        process = self._worker.process
        process.on_printed(log.feed)
        process.thaw()
        process.send({"kind": "run", "id": self._cells, "code": code, "mark": mark})
        try:
            end = self._watch(log, shown, stop)
        except Gone:
            end = _End("lost", "it ended by itself")
        if end.outcome != "lost":
            log.ended.wait(_MARK_S)
            process.freeze()
            if self._folder.over_quota():
                end = _End("lost", refusals.DISK.rstrip("."))
        if end.outcome == "lost":
            process.kill()
        files, left_out = self._folder.collect()
        text = log.text()
        if end.outcome == "lost":
            end.why, self._told = _restarted(end.why), True
        if end.why:
            text += ("" if not text or text.endswith("\n") else "\n") + end.why + "\n"
        return CellResult(
            logs=text,
            outcome=end.outcome,
            pictures=tuple(shown.pictures),
            files=tuple(files),
            seconds=time.monotonic() - began,
            new_session=new_session,
            notes=(*notes, *left_out),
            tables=shown_tables.placed(shown.tables, text),
        )

    def _watch(self, log: CellLog, shown: _Shown, stop: threading.Event) -> _End:
        """Wait for the end of the cell, and bring it about when a limit is passed; raises Gone."""
        process, limits = self._worker.process, self._limits
        deadline = time.monotonic() + limits.cell_s
        stop_by: float | None = None
        look_again = 0.0
        why = ""
        while True:
            if (frame := process.receive(_WATCH_S)) is not None:
                fields, attached = frame
                kind, outcome = fields.get("kind"), fields.get("outcome")
                of_cell = fields.get("id") == self._cells
                if of_cell and kind == "done" and outcome in _OUTCOMES:
                    return _End("interrupted", why) if stop_by is not None else _End(outcome)
                if not of_cell or not shown.take(kind, attached):
                    return _End("lost", "it sent what no session sends")
            now = time.monotonic()
            if frame is not None and now < look_again:
                continue  # the limits are looked at as often as when nothing comes
            look_again = now + _WATCH_S
            if log.flooded.is_set():
                return _End("lost", f"more than {limits.flood_bytes // MB} MB were printed")
            if _WATCH_MEMORY and _memory(process.pid) > limits.memory_bytes:
                return _End("lost", refusals.memory(limits.memory_bytes).rstrip("."))
            if self._folder.over_quota():
                return _End("lost", refusals.DISK.rstrip("."))
            if stop_by is not None and now > stop_by:
                return _End("lost", f"{why} It did not stop when it was asked to")
            if stop_by is None and (stop.is_set() or now > deadline):
                why = "Stopped." if stop.is_set() else f"Stopped after {limits.cell_s:g} seconds, the longest time."
                stop_by = now + limits.grace_s
                process.send({"kind": "interrupt"})


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _restarted(why: str) -> str:
    return f"The session was restarted ({why}); variables are gone, files in /mnt/data are kept."
