"""A JSON file of the person's: read whole, changed whole or not at all, readable by its owner only."""

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class UnreadableFileError(Exception):
    """The file is no JSON object, or what it says is wrong; the message names it and what to do. It is left alone."""


class JsonFile:
    """An object in a file; one that is not there yet is empty. May be used from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()

    def read(self) -> dict[str, Any]:
        """Raises UnreadableFileError."""
        try:
            with self._lock:  # Windows replaces no file that is open
                content = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self.unreadable(str(error)) from error
        if not isinstance(content, dict):
            raise self.unreadable("it holds no JSON object")
        return content

    def change(self, fields: Mapping[str, Any]) -> None:
        """Replace these fields, on the disk when this returns; None removes one, others stay.

        Raises UnreadableFileError, OSError.
        """
        with self._lock:
            content = self.read() | dict(fields)
            self._write({name: value for name, value in content.items() if value is not None})

    def unreadable(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self.path} can't be read: {reason}. Correct it, or move it away to begin with an empty one."
        )

    def _write(self, content: Mapping[str, Any]) -> None:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")  # with mode 0600
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
