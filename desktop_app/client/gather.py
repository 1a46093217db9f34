"""From what a person names or drops to the files that can be uploaded: folders are walked, and what can't be read
is told with its reason instead of stopping the others."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_app.wire.limits import MAX_FILE_BYTES

MAX_FOLDER_FILES = 10_000


@dataclass(frozen=True)
class Gathered:
    """One file; `problem` is a sentence when it can't be uploaded, else ""."""

    path: Path
    problem: str = ""


def gather(paths: Iterable[Path]) -> Iterator[Gathered]:
    """Each file once, folders walked in the order of names; hidden files and folders inside them are passed over."""
    seen: set[Path] = set()
    for path in paths:
        for found in _walk(path) if path.is_dir() else (path,):
            resolved = found.resolve()
            if resolved not in seen:
                seen.add(resolved)
                yield Gathered(found, _problem(found))


def _walk(folder: Path) -> Iterator[Path]:
    count = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and count < MAX_FOLDER_FILES:
                count += 1
                yield Path(parent, name)


def _problem(path: Path) -> str:
    try:
        if not path.exists():
            return "There is no such file."
        if not path.is_file():
            return "This is not a file that can be read (a device, socket or pipe)."
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except PermissionError:
        return "You have no permission to read this file."
    except OSError as error:
        return f"This file can't be read: {error.strerror or error}."
    if size > MAX_FILE_BYTES:
        return f"This file is larger than {MAX_FILE_BYTES // 1024**2} MB."
    return "" if size else "This file is empty."
