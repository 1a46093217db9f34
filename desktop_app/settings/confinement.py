"""What a worker process may not do: outlive its owner, take all memory, or (on Linux) reach the network.

Files are hostile and what reads them has bugs. Elsewhere than on Linux the owner's watch over it remains.
"""

import ctypes
import platform
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 1, 38, 22, 2
_SOCKET_CALL = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The system call `socket` of a machine: its audit number (linux/audit.h) and the call's own."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EACCES
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF
_AF_UNIX, _NO_FAMILY = 1, 0xFFFFFFFF
_ADDRESS_SPACE_HEADROOM = 1024 * 1024 * 1024
"""Address space is more than memory (libraries, stacks of threads); the owner watches the memory itself."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(memory_mb: int | None = None, *, local_sockets: bool = False) -> None:
    """Confine this process for the rest of its life; `local_sockets` leaves it those within the machine (AF_UNIX)."""
    if sys.platform == "linux":
        _limit_memory(memory_mb)
        with suppress(OSError):  # where /proc is not writable
            Path("/proc/self/oom_score_adj").write_text("1000", "ascii")  # when memory runs out, this one goes first
        libc = ctypes.CDLL(None, use_errno=True)
        # Ends this process with the thread that started it, even while native code holds the interpreter.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _refuse_sockets(libc, local_sockets)


def _limit_memory(memory_mb: int | None) -> None:
    import resource

    if memory_mb is not None:
        limit = memory_mb * 1024 * 1024 + _ADDRESS_SPACE_HEADROOM
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse_sockets(libc: ctypes.CDLL, local_sockets: bool) -> None:
    """Install a seccomp filter that answers `socket` with EACCES, where the machine is known."""
    if (call := _SOCKET_CALL.get(platform.machine())) is None:
        return
    audit_number, socket_number = call
    filter_ = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD, 0, 0, 4),  # the machine
            (_IF_EQUAL, 0, 5, audit_number),
            (_LOAD, 0, 0, 0),  # the call
            (_IF_EQUAL, 0, 3, socket_number),
            (_LOAD, 0, 0, 16),  # its first argument: the family
            (_IF_EQUAL, 1, 0, _AF_UNIX if local_sockets else _NO_FAMILY),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    program = _Program(len(filter_) // 8, filter_)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
