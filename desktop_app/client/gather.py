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
    """One file, or a folder that has a problem; `problem` is a sentence when it can't be uploaded, else ""."""

    path: Path
    problem: str = ""


def gather(paths: Iterable[Path]) -> Iterator[Gathered]:
    """Each file once, folders walked in the order of names; hidden files and folders inside them are passed over."""
    seen: set[str] = set()
    for path in paths:
        for found in _walk(path) if os.path.isdir(path) else (Gathered(path, _problem(path)),):  # noqa: PTH112  # never raises
            resolved = os.path.realpath(found.path)
            if resolved not in seen:
                seen.add(resolved)
                yield found


def _walk(folder: Path) -> Iterator[Gathered]:
    count = 0
    refused: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in sorted(names) if not name.startswith(".")):
            if count == MAX_FOLDER_FILES:
                yield Gathered(folder, f"Only the first {MAX_FOLDER_FILES:,} files of this folder are taken.")
                return
            count += 1
            yield Gathered(path, _problem(path))
    for error in refused:
        yield Gathered(Path(error.filename), f"This folder can't be read: {error.strerror}.")
    if not count and not refused:
        yield Gathered(folder, "There are no files in this folder.")


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
