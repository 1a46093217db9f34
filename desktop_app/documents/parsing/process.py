"""The owner's side of a parser worker: start it, hand it files, end it when it takes too long or too much."""

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn

import psutil

from desktop_app.documents.parsing.pages import ParsedPage, UnreadableFileError
from desktop_app.settings.frames import read_frame, write_frame
from desktop_app.settings.program import worker_command, worker_environment

FILES_PER_WORKER = 500
_WATCH_INTERVAL_S = 0.05
_END_TIMEOUT_S = 5.0


class StoppedError(Exception):
    """The worker was ended because nobody wants its result any more."""


class ParserWorker:
    """One worker process at a time, started when needed and replaced after a kill, a crash, or many files.

    Use it from one thread, and from the same one for its whole life: on Linux the process ends with the thread
    that started it. `stop` may come from any thread.
    """

    def __init__(self, timeout_s: float, memory_mb: int) -> None:
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._stopped = threading.Event()

    def parse(
        self, path: Path, name: str, on_page: Callable[[ParsedPage, int], None] = lambda page, count: None
    ) -> list[ParsedPage]:
        """All pages of a file; `on_page(page, page_count)` as they come (count 0: not known).

        Raises UnreadableFileError with the reason, and StoppedError after `stop`.
        """
        process = self._running()
        pages: list[ParsedPage] = []
        with _Watch(process, self._timeout_s, self._memory_mb, self._stopped) as watch:
            try:
                end = _exchange(process, path, name, pages, on_page)
            except BaseException:
                self.close()
                raise
            if end is None:
                self.close()
                watch.raise_reason(process.returncode)
        if end["kind"] == "out_of_memory":
            self.close()
            raise _too_much_memory(self._memory_mb)
        if end["kind"] == "failed":
            raise UnreadableFileError(end["message"], end["code"])
        return pages

    def stop(self) -> None:
        """End the worker now; a running `parse` raises StoppedError."""
        self._stopped.set()

    def close(self) -> None:
        """End the process. The next `parse` starts another one."""
        if (process := self._process) is None:
            return
        self._process = None
        process.kill()
        process.wait(_END_TIMEOUT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._files >= FILES_PER_WORKER or (self._process is not None and self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                worker_command("parse-worker", "--memory-mb", str(self._memory_mb)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=worker_environment(),
                start_new_session=True,  # Ctrl+C in a terminal is for the service: it ends its workers itself
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: no console on the screen
            )
            self._files = 0
        self._files += 1
        return self._process


def _exchange(
    process: subprocess.Popen[bytes],
    path: Path,
    name: str,
    pages: list[ParsedPage],
    on_page: Callable[[ParsedPage, int], None],
) -> dict[str, Any] | None:
    """Ask for a file and collect its pages; the last frame's fields, or None when the worker is gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        write_frame(process.stdin, {"path": str(path), "name": name})
    except OSError:
        return None
    page_count = 0
    while (frame := read_frame(process.stdout)) is not None:
        fields, words = frame
        if fields["kind"] == "opened":
            page_count = fields["pages"]
        elif fields["kind"] == "page":
            del fields["kind"]
            pages.append(ParsedPage(**fields, words=words or None))
            on_page(pages[-1], page_count)
        else:
            return fields
    return None


class _Watch:
    """Kills a worker that takes too long or too much memory while it reads a file, and knows why it did."""

    def __init__(
        self, process: subprocess.Popen[bytes], timeout_s: float, memory_mb: int, stopped: threading.Event
    ) -> None:
        self._process = process
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._stopped = stopped
        self._ended = threading.Event()
        self._why: Literal["time", "memory", "stopped"] | None = None
        self._thread = threading.Thread(target=self._watch, name="parser-watch", daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def raise_reason(self, exit_code: int | None) -> NoReturn:
        """Raise what the end of the worker means for its file."""
        self._ended.set()
        self._thread.join()
        if self._why == "stopped":
            raise StoppedError
        if self._why == "time":
            raise UnreadableFileError(
                f"Reading this file took longer than {self._timeout_s:g} seconds and was stopped. "
                "Split it, or raise the time limit (parse_timeout_s).",
                "server_error",
            )
        if self._why == "memory":
            raise _too_much_memory(self._memory_mb)
        raise UnreadableFileError(
            f"The reading process crashed on this file (exit code {exit_code}). The file may be damaged.",
            "server_error",
        )

    def _watch(self) -> None:
        deadline = time.monotonic() + self._timeout_s
        try:
            while not self._ended.wait(_WATCH_INTERVAL_S):
                usage = psutil.Process(self._process.pid)
                if self._stopped.is_set():
                    self._why = "stopped"
                elif time.monotonic() > deadline:
                    self._why = "time"
                elif usage.memory_info().rss > self._memory_mb * 1024 * 1024:
                    self._why = "memory"
                if self._why is not None:
                    self._process.kill()
                    return
        except psutil.NoSuchProcess:
            return


def _too_much_memory(memory_mb: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"Reading this file needs more than {memory_mb} MB of memory and was stopped. "
        "Split it, or raise the memory limit (parse_memory_mb).",
        "server_error",
    )
