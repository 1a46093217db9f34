"""Removing a folder that code has filled, however deep it is: the library's way goes down by recursion, and by names
that may grow longer than the system takes."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

_DEEPEST = 64
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as the system lets us; links are removed, not followed."""
    if not {os.open, os.rename, os.rmdir, os.unlink} <= os.supports_dir_fd:
        shutil.rmtree(folder, ignore_errors=True)
        return
    with suppress(OSError):
        top = os.open(folder, _FOLDER)
        try:
            while _empty(top, top):
                pass
        finally:
            os.close(top)
        folder.rmdir()


def _empty(folder: int, top: int, depth: int = 0) -> int:
    """Remove what is in an open folder; what lies too deep is moved to the top. How many of those there were."""
    moved = 0
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        with suppress(OSError):
            if not is_folder:
                os.unlink(name, dir_fd=folder)
            elif depth >= _DEEPEST:
                os.rename(name, f"moved-{os.urandom(8).hex()}", src_dir_fd=folder, dst_dir_fd=top)
                moved += 1
            else:
                below = os.open(name, _FOLDER, dir_fd=folder)
                try:
                    moved += _empty(below, top, depth + 1)
                finally:
                    os.close(below)
                os.rmdir(name, dir_fd=folder)
    return moved
