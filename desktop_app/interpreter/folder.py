"""The data folder of a session as the host touches it: files go in as copies, and out by descriptor, never by trust.

Code may have left anything there. No link is followed, nothing but plain files of one name is read, and nothing is
opened for more than its bytes.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from desktop_app.interpreter import names
from desktop_app.interpreter.base import InputFile, OutputFile
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.removal import remove_tree

_DEEPEST = 15
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | getattr(os, "O_BINARY", 0)

_Signature = tuple[int, int, int]
"""Inode, size, date of change: what tells that a file may have changed."""


@dataclass(frozen=True)
class _Known:
    signature: _Signature
    digest: bytes


class _Usage(NamedTuple):
    """Bytes of all files, files and folders, and places that can't be looked into."""

    size: int
    entries: int
    hidden: int


_NOTHING = _Usage(0, 0, 0)


@dataclass
class DataFolder:
    """`path` is the folder that code writes, `kept` the host's own for copies of what comes out."""

    path: Path
    kept: Path
    limits: Limits
    _inputs: dict[str, str] = field(default_factory=dict)
    _input_bytes: int = 0
    _known: dict[str, _Known] = field(default_factory=dict)
    _before: _Usage = _NOTHING

    def put(self, files: Sequence[InputFile]) -> list[str]:
        """Copy files in that are not there yet; notes for people about what came in otherwise than asked."""
        notes = []
        for file in files:
            if file.id in self._inputs:
                continue
            name = names.unused(names.clean(file.name), _existing(self.path))
            try:
                size = self._copy_in(file, name)
            except OSError as error:
                notes.append(f"{file.name} could not be read: {error.strerror or error}.")
                continue
            if size is None:
                limits = f"{self.limits.input_bytes // MB} MB each and {self.limits.inputs_bytes // MB} MB in all"
                notes.append(f"{file.name} was left out: files for code may have {limits}.")
                continue
            self._inputs[file.id] = name
            if name != file.name:
                notes.append(f"{file.name} is /mnt/data/{name} for code.")
        return notes

    def collect(self) -> tuple[list[OutputFile], list[str]]:
        """Copies of what is new or changed since the last time, and notes about what was left out."""
        remove_tree(self.kept)
        self.kept.mkdir(mode=0o700)
        found: list[OutputFile] = []
        left_out = 0
        for name, path, state in _plain_files(self.path):
            signature = _signature(state)
            known = self._known.get(name)
            if known is not None and known.signature == signature:
                continue
            if len(found) >= self.limits.output_files or state.st_size > self.limits.file_bytes:
                left_out += 1
                continue
            target = self.kept / f"{len(found):04}"
            digest = _copy_out(path, target, self.limits.file_bytes)
            if digest is None:
                continue
            self._known[name] = _Known(signature, digest)
            if known is not None and known.digest == digest:
                target.unlink()
                continue
            told = names.unused("/".join(names.clean(part) for part in name.split("/")), {file.name for file in found})
            found.append(OutputFile(told, target))
        notes = []
        if left_out:
            most = f"{self.limits.output_files} files of {self.limits.file_bytes // MB} MB"
            notes.append(f"{left_out} files were left out: a run gives back at most {most} each.")
        return found, notes

    def begin(self) -> None:
        """Remember what is there before a cell: code that finds too much may tidy up, if it adds nothing."""
        self._before = self._usage()

    def over_quota(self) -> bool:
        """Whether the cell has written more, or more files, than it may, or where they can't be counted."""
        now, limits = self._usage(), self.limits
        most = _Usage(limits.disk_bytes + self._input_bytes, limits.files, 0)
        return any(have > max(may, had) for have, may, had in zip(now, most, self._before, strict=True))

    def _usage(self) -> "_Usage":
        size = entries = hidden = 0
        for entry in _entries(self.path):
            if entry is None:
                hidden += 1
                continue
            entries += 1
            with suppress(OSError):
                size += entry.stat(follow_symlinks=False).st_size if not entry.is_dir(follow_symlinks=False) else 0
        return _Usage(size, entries, hidden)

    def move_to(self, path: Path) -> None:
        """Go on in another folder, with all visible files."""
        for entry in list(self.path.iterdir()):
            if not entry.name.startswith("."):
                entry.rename(path / entry.name)
        remove_tree(self.path)
        self.path = path

    def remove(self) -> None:
        for folder in (self.path, self.kept):
            remove_tree(folder)

    def _copy_in(self, file: InputFile, name: str) -> int | None:
        """The bytes copied; None when it is too large."""
        digest, size = hashlib.sha256(), file.path.stat().st_size
        if size > self.limits.input_bytes or self._input_bytes + size > self.limits.inputs_bytes:
            return None
        target = self.path / name
        with file.path.open("rb") as source, os.fdopen(os.open(target, _CREATE, 0o600), "wb") as copy:
            while chunk := source.read(MB):
                digest.update(chunk)
                copy.write(chunk)
        self._input_bytes += size
        self._known[name] = _Known(_signature(target.lstat()), digest.digest())
        return size


def _existing(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def _entries(folder: Path, depth: int = 0) -> Iterator["os.DirEntry[str] | None"]:
    """Everything beneath a folder, without following links; None for what lies too deep to be looked at."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEPEST:
                        yield from _entries(Path(entry.path), depth + 1)
                    else:
                        yield None
    except FileNotFoundError:
        return  # removed meanwhile
    except OSError:
        yield None


def _plain_files(folder: Path) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Name under the folder, path and state of each plain file that is not hidden, in the order of their names."""
    for entry in sorted(filter(None, _entries(folder)), key=lambda entry: entry.path):
        relative = Path(entry.path).relative_to(folder)
        if any(part.startswith(".") for part in relative.parts):
            continue
        with suppress(OSError):
            state = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(state.st_mode) and state.st_nlink <= 1:
                yield relative.as_posix(), Path(entry.path), state


def _signature(state: os.stat_result) -> _Signature:
    return state.st_ino, state.st_size, state.st_mtime_ns


def _copy_out(path: Path, target: Path, most: int) -> bytes | None:
    """Copy a plain file of one name by its descriptor; its sha256, or None when it is something else after all."""
    digest = hashlib.sha256()
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as source:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_nlink > 1:
            return None
        with os.fdopen(os.open(target, _CREATE, 0o600), "wb") as copy:
            left = most
            while left > 0 and (chunk := source.read(min(MB, left))):
                digest.update(chunk)
                copy.write(chunk)
                left -= len(chunk)
    return digest.digest()
