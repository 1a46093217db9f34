"""How this program starts itself again, as a service or a worker: the same in a checkout, installed and frozen."""

import os
import sys
from pathlib import Path

import desktop_app

_PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH"),
    *("DYLD_LIBRARY_PATH", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
)


def program_command(*arguments: str) -> list[str]:
    """The command line of this very program with `arguments`, for a child process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "desktop_app", *arguments]


def worker_command(*arguments: str) -> list[str]:
    """As `program_command`, for a worker; -P: a json.py in the folder that we were started from is not ours to run."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-P", "-m", "desktop_app", *arguments]


def worker_environment() -> dict[str, str]:
    """The environment a worker gets: no keys, no proxies."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": str(Path(desktop_app.__file__).parents[1])}
