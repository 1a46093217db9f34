"""Copies of files for other programs, in a private folder of this program that goes with it."""

import asyncio
import tempfile
from pathlib import Path, PurePath


class Copies:
    """Every copy has a folder of its own, and so its own name; `close()` deletes them all."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def put(self, name: str, content: bytes) -> Path:
        """Write a copy, which is never hidden. Raises OSError."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="deskside-", ignore_cleanup_errors=True)
        return await asyncio.to_thread(_write, Path(self._folder.name), plain_name(name), content)

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def plain_name(name: str) -> str:
    """A name without folders that no system hides."""
    return PurePath(name).name.lstrip(".") or "document"


def _write(folder: Path, name: str, content: bytes) -> Path:
    path = Path(tempfile.mkdtemp(dir=folder), name)
    path.write_bytes(content)
    path.chmod(0o600)
    return path
