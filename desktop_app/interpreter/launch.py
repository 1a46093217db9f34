"""Starting a worker: its folder, its environment, the program around it, and its proof that it is confined."""

import os
import platform
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from desktop_app.interpreter import canary
from desktop_app.interpreter.levels import Offer, home, readable
from desktop_app.interpreter.limits import Limits
from desktop_app.interpreter.linux import bwrap
from desktop_app.interpreter.orders import DATA, Orders
from desktop_app.interpreter.process import Gone, Started, WorkerProcess
from desktop_app.interpreter.removal import remove_tree
from desktop_app.settings.program import worker_command, worker_environment

FONTS = "matplotlib"
"""The folder of matplotlib's list of fonts, which takes it a second to make."""
_READY_S = 30.0
_LIBRARY_THREADS = "2"
"""Threads of the linear algebra libraries, each of which wants its own part of the memory."""


class NotConfinedError(Exception):
    """A worker did not start, or could do what it must not; the message says what."""


@dataclass(frozen=True)
class Worker:
    """A worker that proved its confinement. `folder` is out here what code calls /mnt/data."""

    process: WorkerProcess
    folder: Path

    def end(self) -> None:
        """Kill the process and remove the folder."""
        self.process.kill()
        remove_tree(self.folder)


def start(offer: Offer, folder: Path, secret: Path, limits: Limits) -> Worker:
    """Start a worker in `folder`; call it from a thread that outlives it, for on Linux it dies with that thread.

    Raises NotConfinedError; then no process is left.
    """
    data = DATA if offer.wrapper else str(folder)
    environment = worker_environment() | _environment(data)
    process = _process(offer, folder, environment, limits)
    try:
        orders = Orders(
            level=offer.level,
            data=data,
            readable=readable(),
            memory_bytes=limits.memory_bytes,
            file_bytes=limits.file_bytes,
            landlock=offer.landlock,
            host=os.getpid(),
            secret=str(secret),
            home=str(home()),
        )
        _prove(process, orders)
    except BaseException:
        process.kill()
        remove_tree(folder)
        raise
    return Worker(process, folder)


def _environment(data: str) -> dict[str, str]:
    """What differs from other workers of ours: nothing of the user's, and scratch folders among the data."""
    return {
        "PATH": os.defpath,
        "HOME": data,
        "USERPROFILE": data,
        "LANG": "C.UTF-8",
        "TMPDIR": f"{data}/.tmp",
        "TEMP": f"{data}/.tmp",
        "TMP": f"{data}/.tmp",
        "MPLCONFIGDIR": f"{data}/.{FONTS}",
        "MPLBACKEND": "module://desktop_app.interpreter.backend",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": _LIBRARY_THREADS,
        "OMP_NUM_THREADS": _LIBRARY_THREADS,
    }


def _wrapped(wrapper: str, folder: Path, environment: dict[str, str]) -> WorkerProcess:
    told, tell = os.pipe()
    try:
        words = bwrap.command(wrapper, readable(), str(folder), environment, tell)
        process = _popen([*words, *worker_command("code-worker")], {}, pass_fds=(tell,))
        os.close(tell)
        tell = -1
        try:
            return WorkerProcess(process, bwrap.worker_pid(told))
        except (ValueError, KeyError) as error:
            WorkerProcess(process, process.pid).kill()
            raise NotConfinedError("bubblewrap could not make its sandbox") from error
    finally:
        for descriptor in (told, tell):
            if descriptor >= 0:
                os.close(descriptor)


def _process(offer: Offer, folder: Path, environment: dict[str, str], limits: Limits) -> WorkerProcess:
    if offer.wrapper:
        return _wrapped(offer.wrapper, folder, environment)
    command = worker_command("code-worker")
    started = (
        _contained(command, environment, folder, limits)
        if platform.system() == "Windows"
        else _popen(command, environment)
    )
    return WorkerProcess(started, started.pid)


def _contained(command: list[str], environment: dict[str, str], folder: Path, limits: Limits) -> Started:
    from desktop_app.interpreter.windows import container

    try:
        return container.start(command, environment, str(folder), readable(), limits.memory_bytes)
    except OSError as error:
        raise NotConfinedError(f"the worker could not be started: {error}") from error


def _popen(
    command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=os.sep,
            pass_fds=pass_fds,
            start_new_session=True,  # Ctrl+C in a terminal is for the service: it ends its workers itself
        )
    except OSError as error:
        raise NotConfinedError(f"the worker could not be started: {error.strerror}") from error


def _prove(process: WorkerProcess, orders: Orders) -> None:
    """Give the worker its orders and look at what its canary says."""
    process.send(orders.fields())
    deadline = time.monotonic() + _READY_S
    try:
        ready = process.receive(deadline - time.monotonic())
    except Gone:
        said = process.last_words() or "no reason given"
        raise NotConfinedError(f"the worker ended at its start: {said}") from None
    if ready is None or ready[0].get("kind") != "ready":
        raise NotConfinedError("the worker did not get ready in time")
    got_through = ready[0].get("canary")
    if not isinstance(got_through, dict) or set(got_through) != set(canary.acts(sys.platform)):
        raise NotConfinedError("the worker did not try its walls")
    if through := [name for name, passed in got_through.items() if passed is not False]:
        canary.clean_up(orders)
        raise NotConfinedError(f"the worker got through its walls: {', '.join(through)}")


def make_folder(parent: Path) -> Path:
    """A new data folder with its scratch folders, only for this user, with the fonts' list if there is one by now."""
    folder = parent / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    (folder / ".tmp").mkdir(mode=0o700)
    if (parent / FONTS).exists():
        shutil.copytree(parent / FONTS, folder / f".{FONTS}")
    else:
        (folder / f".{FONTS}").mkdir(mode=0o700)
    return folder
