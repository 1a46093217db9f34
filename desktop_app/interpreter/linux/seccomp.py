"""The system call filter: no other programs, no network, no other process, no side door around Landlock.

A list of what is refused rather than of what is allowed, closed at the top: calls newer than those known here do not
exist for the code. Assembled by hand, for the two machines that `syscalls.py` has numbers of.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator, Sequence

from desktop_app.interpreter.linux import syscalls

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000  # linux/seccomp.h
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06  # linux/bpf_common.h: BPF_LD|W|ABS, BPF_ALU|AND|K, BPF_RET|K
_IF_EQUAL, _IF_GREATER, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x25, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _ARGUMENTS = (
    0,
    4,
    16,
)  # offsets in struct seccomp_data; the low word of an argument comes first
_X32_BIT = 0x40000000
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_CLONE_THREAD = 0x00010000
_UNIX, _STREAM, _SOCKET_TYPES = 1, 1, 0xF
_READ_ONLY, _ACCESS_MODES, _TRUNCATE = 0, 3, 0o1000
_OWNER = 0o700
_PRCTL_ALLOWED = (3, 15, 16, 21, 23, 38, 39, 0x53564D41)
"""Asking, naming threads and memory, and giving up privileges; not: outliving the owner, being looked into."""
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026, 1031)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: signals to others; F_SETPIPE_SZ: memory of the kernel."""
_IOCTL_REFUSED = (0x5412, 0x541C, 0x8901, 0x8902, 0x40086602)
"""TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP, FS_IOC_SETFLAGS."""

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, constant: a struct sock_filter."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def supported() -> bool:
    """Whether this machine's system calls are known."""
    return platform.machine() in _AUDIT


def install(libc: ctypes.CDLL) -> None:
    """Confine this thread, and those it starts, for good; needs no_new_privs. Raises OSError."""
    packed = assemble(platform.machine(), os.getpid())
    program = _Program(len(packed) // 8, packed)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system call filter was not accepted")


def assemble(machine: str, pid: int) -> bytes:
    """The filter of a machine for the process `pid`; raises KeyError for an unknown machine."""
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions(machine, pid))


def instructions(machine: str, pid: int) -> list[Instruction]:
    """The same as `assemble`, before packing."""
    column = list(_AUDIT).index(machine)
    rules: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        rules += _when(_IF_AT_LEAST, _X32_BIT, [(_RETURN, 0, 0, _KILL)])
    rules += _when(_IF_GREATER, syscalls.NEWEST, [_refuse(errno.ENOSYS)])
    for tables, answer in (
        (
            (
                *(syscalls.NETWORK, syscalls.PROCESSES, syscalls.IDENTITY, syscalls.SYSTEM),
                *(syscalls.KERNEL, syscalls.SHARED, syscalls.LINKS),
            ),
            _refuse(errno.EPERM),
        ),
        ((syscalls.PRETENDED,), _refuse(0)),
        ((syscalls.UNSUPPORTED,), _refuse(errno.ENOTSUP)),
    ):
        for table in tables:
            for numbers in table.values():
                if (number := numbers[column]) is not None:
                    rules += _when(_IF_EQUAL, number, [answer])
    for name, block in _conditions(pid):
        if (number := syscalls.CONDITIONAL[name][column]) is not None:
            rules += _when(_IF_EQUAL, number, block)
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _conditions(pid: int) -> Iterator[tuple[str, list[Instruction]]]:
    """What decides about the calls that are allowed with certain arguments only."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), _refuse(errno.EPERM)
    # Landlock before version 3 lets a file that may be read be emptied while it is opened.
    for name, flags in (("open", 1), ("openat", 2)):
        yield (
            name,
            [
                _argument(flags),
                (_IF_ANY_BIT, 0, 3, _TRUNCATE),
                (_AND, 0, 0, _ACCESS_MODES),
                (_IF_EQUAL, 0, 1, _READ_ONLY),
                refuse,
                allow,
            ],
        )
    # The host counts and removes what code writes: no folder may be closed to its owner.
    for name, mode in (("mkdir", 1), ("mkdirat", 2)):
        yield name, [_argument(mode), (_AND, 0, 0, _OWNER), (_IF_EQUAL, 1, 0, _OWNER), refuse, allow]
    yield "umask", [_argument(0), (_IF_ANY_BIT, 0, 1, _OWNER), refuse, allow]
    yield "clone", [_argument(0), (_IF_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow]
    yield "clone3", [_refuse(errno.ENOSYS)]  # its flags are in memory; the C library falls back on clone
    # A pair of streams is what asyncio wakes itself with; a pair of datagrams could send to others by name.
    yield (
        "socketpair",
        [
            _argument(0),
            (_IF_EQUAL, 1, 0, _UNIX),
            refuse,
            _argument(1),
            (_AND, 0, 0, _SOCKET_TYPES),
            (_IF_EQUAL, 1, 0, _STREAM),
            refuse,
            allow,
        ],
    )
    for name in ("kill", "tgkill"):
        yield name, _only(0, (pid,), refuse)
    for name in ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        yield name, _only(0, (0, pid), refuse)
    yield "setpriority", [_argument(0), (_IF_EQUAL, 1, 0, 0), refuse, *_only(1, (0, pid), refuse)]
    yield "prctl", _only(0, _PRCTL_ALLOWED, _refuse(errno.EINVAL))
    yield "fcntl", _never(1, _FCNTL_REFUSED)
    yield "ioctl", _never(1, _IOCTL_REFUSED)


def _only(argument: int, values: Sequence[int], otherwise: Instruction) -> list[Instruction]:
    return [
        _argument(argument),
        *(step for value in values for step in _when(_IF_EQUAL, value, [(_RETURN, 0, 0, _ALLOW)])),
        otherwise,
    ]


def _never(argument: int, values: Sequence[int]) -> list[Instruction]:
    return [
        _argument(argument),
        *(step for value in values for step in _when(_IF_EQUAL, value, [_refuse(errno.EPERM)])),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _when(comparison: int, value: int, block: Sequence[Instruction]) -> list[Instruction]:
    """`block` runs when the comparison holds, and is jumped over else."""
    return [(comparison, 0, len(block), value), *block]


def _argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)


def _refuse(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)
