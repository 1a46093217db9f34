"""Files of the index: written so that a reader finds the old or the new one whole, and damaged ones told apart."""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from desktop_app.documents.index.base import DamagedIndexError

_ATTEMPTS = 3
"""A tantivy index that was opened just now looks at its folder once more, and puts a lock into it for that."""


def write_synced(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Make the file `path` by `write`; it appears complete, and on the disk, or not at all."""
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def remove(path: Path) -> None:
    """Remove a file or folder. Where it can't be, being read, it stays; whoever opens the index next tries again."""
    if path.is_dir():
        for _ in range(_ATTEMPTS):
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                return
    else:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever numpy and tantivy raise over damaged files becomes a DamagedIndexError."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedIndexError(f"{path}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # tantivy's, of a class that can't be imported
            raise
        raise DamagedIndexError(f"{path}: {error}") from error
