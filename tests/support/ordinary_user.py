"""Runs a command as a user without privileges, also where Python is installed in root's own folder.

`python -m tests.support.ordinary_user HOME COMMAND...`, as root; HOME is an empty folder, which becomes the user's.
Of a folder that only root may enter, the user sees what Python needs and nothing else: a view of the file system of
its own, which ends with the command.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

NOBODY = 65534
_CLONE_NEWNS = 0x00020000
_PROJECT = Path(__file__).parents[2]


def main(home: Path, command: list[str]) -> None:
    os.chown(home, NOBODY, NOBODY)
    _open_the_way(home, [Path(sys.base_prefix), Path(sys.prefix), _PROJECT])
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONDONTWRITEBYTECODE") if name in os.environ}
    os.chdir(_PROJECT)
    os.execve(command[0], command, kept | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")})


def _open_the_way(home: Path, needed: list[Path]) -> None:
    """Replace closed folders above `needed` by copies of themselves that show nothing else."""
    closed = {top for path in needed for top in [_closed_top(path)] if top is not None}
    if not closed:
        return
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no view of the file system of one's own; is this root?")
    _mount("--make-rprivate", "/")
    for top in closed:
        copy = home / "view" / top.name
        copy.mkdir(parents=True, mode=0o755)
        _mount("-t", "tmpfs", "-o", "mode=755", "none", str(copy))
        for path in needed:
            if path.is_relative_to(top):
                shown = copy / path.relative_to(top)
                shown.mkdir(parents=True, exist_ok=True)
                _mount("--bind", str(path), str(shown))
        _mount("--rbind", str(copy), str(top))


def _closed_top(path: Path) -> Path | None:
    """The uppermost folder above `path` that others may not enter."""
    return next((parent for parent in reversed(path.parents) if not parent.stat().st_mode & 0o001), None)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
