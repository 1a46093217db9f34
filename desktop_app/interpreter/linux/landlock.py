"""Landlock: which files this process may still reach. Existence, size and date of others stay visible to it."""

import ctypes
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from desktop_app.interpreter.linux.syscalls import CONFINING

# linux/landlock.h
_VERSION = 1
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 5: 16}
"""From this version on so many file rights are known, from the lowest bit."""
_NET_RIGHTS, _SCOPES = 0b11, 0b11
"""Version 4: TCP bind and connect; version 6: abstract unix sockets and signals."""
_FILE_RIGHTS = _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@dataclass(frozen=True)
class Handled:
    """What a version of Landlock can govern, as the masks of struct landlock_ruleset_attr."""

    files: int
    net: int
    scoped: int
    size: int
    """Bytes of the struct that this version knows."""

    @classmethod
    def by(cls, version: int) -> "Handled":
        known = max(rights for since, rights in _RIGHTS_BY_VERSION.items() if since <= version)
        net, scoped = _NET_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0
        return cls((1 << known) - 1, net, scoped, 24 if version >= 6 else 16 if version >= 4 else 8)


def version() -> int:
    """The kernel's version of Landlock; 0 when it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_number("landlock_create_ruleset"), None, ctypes.c_size_t(0), _VERSION)))


def restrict(libc: ctypes.CDLL, handled: Handled, readable: Sequence[str], writable: Sequence[str]) -> None:
    """Take all files from this thread, and those it starts, but these and what is beneath them; needs no_new_privs.

    A path that does not exist is left out. Raises OSError.
    """
    ruleset = _Ruleset(handled.files, handled.net, handled.scoped)
    descriptor = libc.syscall(
        _number("landlock_create_ruleset"), ctypes.byref(ruleset), ctypes.c_size_t(handled.size), 0
    )
    _check(descriptor)
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                with suppress(FileNotFoundError, NotADirectoryError):
                    _allow(libc, descriptor, path, rights & handled.files)
        _check(libc.syscall(_number("landlock_restrict_self"), descriptor, 0))
    finally:
        os.close(descriptor)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not Path(path).is_dir():
            rights &= _FILE_RIGHTS
        rule = _PathBeneath(rights, parent)
        _check(libc.syscall(_number("landlock_add_rule"), ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)


def _number(name: str) -> int:
    return CONFINING[name][0] or 0  # the same on every machine


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock was not accepted")
