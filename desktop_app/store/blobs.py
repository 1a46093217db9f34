"""The bytes of files, kept once under their sha256: `files/ab/cdef...`."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

_PART_BYTES = 1024 * 1024


@dataclass(frozen=True)
class StoredBlob:
    sha256: str
    bytes: int


class Source(Protocol):
    """What bytes are read from, such as an open file."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, /) -> object: ...


class BlobTooLargeError(Exception):
    """More bytes came than are allowed; nothing was kept."""


class Blobs:
    """Content-addressed files. A blob is complete under its name or not there at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    def save(self, source: Source, max_bytes: int) -> StoredBlob:
        """Keep all of `source`, flushed to disk; raises BlobTooLargeError beyond `max_bytes`, or OSError."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                while part := source.read(_PART_BYTES):
                    size += len(part)
                    if size > max_bytes:
                        raise BlobTooLargeError
                    digest.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            target = self.path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True, mode=0o700)
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return StoredBlob(digest.hexdigest(), size)

    def delete(self, sha256: str) -> None:
        """Remove a blob; call it when no row names it any more."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, wanted: set[str]) -> None:
        """Remove what no row names: uploads cut off by a kill, and deletions that were not finished."""
        for path in self._folder.rglob("*"):
            if path.is_file() and path.parent.name + path.name not in wanted:
                path.unlink(missing_ok=True)


class JoinedFiles:
    """Files read one after the other as if they were one: a `Source`, which can go back to its beginning only."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._rest = list(paths)
        self._open: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end of the last file."""
        while self._open is not None or self._rest:
            self._open = self._open or self._rest.pop(0).open("rb")
            if some := self._open.read(size):
                return some
            self._close()
        return b""

    def seek(self, offset: int, /) -> None:
        assert offset == 0, "there is no need to go anywhere else"
        self._close()
        self._rest = list(self._paths)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
