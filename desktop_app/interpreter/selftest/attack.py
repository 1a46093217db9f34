"""What an attack is, and what its code may count on."""

import platform
import sys
from dataclasses import dataclass

from desktop_app.interpreter.linux import syscalls


@dataclass(frozen=True)
class Attack:
    """Code that tries what must not work. It is refused when it raises; when it ends, it got through, unless it
    answers False. `fatal`: the system may kill the session for it."""

    area: str
    name: str
    code: str
    fatal: bool = False
    machine: str = ""
    """Only on this machine (platform.machine()); empty: on all."""

    @property
    def applies(self) -> bool:
        if sys.platform != "linux" and ("call(" in self.code or self.machine):
            return False
        return self.machine in ("", platform.machine())


MARK = "attempt:"

PRELUDE = f"""
import ctypes, errno, mmap, os, signal, socket, struct, subprocess, sys, threading
try:
    import resource
    libc = ctypes.CDLL(None, use_errno=True)
except (ImportError, TypeError):  # on Windows, where attacks that need them fail
    pass
def call(name, *arguments):
    ctypes.set_errno(0)
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    got = libc.syscall(ctypes.c_long(name if isinstance(name, int) else calls[name]), *words)
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
def judge(attempt):
    try:
        through = attempt() is not False
        said = "it went through"
    except BaseException as error:
        through, said = False, type(error).__name__ + ": " + str(error).splitlines()[0] if str(error) else repr(error)
    print("\\n{MARK}", int(through), said)
"""


def numbers() -> dict[str, int]:
    """The system calls that attacks use, by name."""
    column = 1 if platform.machine() == "aarch64" else 0
    tables = (
        *(syscalls.NETWORK, syscalls.PROCESSES, syscalls.IDENTITY, syscalls.SYSTEM, syscalls.KERNEL),
        *(syscalls.SHARED, syscalls.LINKS, syscalls.PRETENDED, syscalls.UNSUPPORTED, syscalls.CONDITIONAL),
    )
    return {name: pair[column] or -1 for table in tables for name, pair in table.items()}


def cell(attack: Attack) -> str:
    """The cell that makes the attempt."""
    body = "\n".join(f"    {line}" for line in attack.code.strip().splitlines())
    return f"def attempt():\n{body}\njudge(attempt)"
