"""bubblewrap around the worker: of the whole file system it sees Python, the libraries and its data folder."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.interpreter.orders import DATA

_PROBE_TIMEOUT_S = 10
_SCRATCH_BYTES = 1024 * 1024
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def find() -> str | None:
    """The program, if it is installed."""
    return shutil.which("bwrap", path=os.defpath)


def works(program: str, readable: Sequence[str]) -> bool:
    """Whether this system lets it make a sandbox; many refuse, with AppArmor or without user namespaces."""
    try:
        tried = subprocess.run(
            [*command(program, readable, None, {}), "/usr/bin/true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0


def command(
    program: str, readable: Sequence[str], data: str | None, environment: Mapping[str, str], info: int | None = None
) -> list[str]:
    """The command line up to the program to run; `data` is the folder that becomes /mnt/data, and `info` a file
    descriptor that tells the worker's process id."""
    words = [program, "--unshare-all", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL", "--clearenv"]
    words += ["--hostname", "sandbox"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    # The private folders are in memory that no limit counts: in the end none of them can be written. They come first,
    # for Python may be installed beneath one of them.
    for folder in ("/dev", "/tmp"):
        words += ["--size", str(_SCRATCH_BYTES), "--tmpfs", folder]
    for device in _DEVICES:
        words += ["--dev-bind", device, device]
    for path in readable:
        if Path(path).is_symlink():
            words += ["--symlink", str(Path(path).readlink()), path]
        else:
            words += ["--ro-bind-try", path, path]
    words += ["--proc", "/proc"]
    if data is not None:
        words += ["--bind", data, DATA, "--chdir", DATA]
    if info is not None:
        words += ["--info-fd", str(info)]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/tmp", "--remount-ro", "/", "--"]


def worker_pid(info: int) -> int:
    """The worker's process id out here, from the pipe that `command` was given the other end of; raises ValueError
    when bubblewrap ended before it had one."""
    text = b""
    while b"}" not in text and (more := os.read(info, 4096)):
        text += more
    return int(json.loads(text)["child-pid"])
