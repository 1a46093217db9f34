"""What a process does to itself on Linux: the worker gives up everything, the service hides its memory."""

import ctypes
import os
import resource
import signal

from desktop_app.interpreter.linux import landlock, seccomp
from desktop_app.interpreter.orders import Orders

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38  # linux/prctl.h
_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64
_OPEN_FILES, _STACK_BYTES = 256, 16 * 1024 * 1024
_NICE = 10
_DEVICES_READ = ("/dev/urandom", "/dev/random", "/dev/zero")
_SYSTEM_READ = ("/proc/cpuinfo", "/proc/meminfo")
_OWN_READ = ("fd", "maps", "stat", "statm", "status")
"""Of /proc/self; its `net` would tell who this machine talks to."""


def hide() -> None:
    """Let no process of the same user read this one's memory or environment, and write no core."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(orders: Orders) -> None:
    """Take from this process all that its orders don't grant, for good. Raises OSError when any of it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.nice(_NICE)
    _limit(orders)
    # Ends this process with the thread that started it, even while native code holds the interpreter.
    _prctl(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(libc, _PR_SET_DUMPABLE, 0)
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
    _drop_capabilities(libc)
    if orders.landlock:
        own = [f"/proc/{os.getpid()}/{name}" for name in _OWN_READ]
        readable = [*orders.readable, *own, *_SYSTEM_READ, *_DEVICES_READ]
        landlock.restrict(libc, landlock.Handled.by(orders.landlock), readable, [orders.data, os.devnull])
    seccomp.install(libc)


def _limit(orders: Orders) -> None:
    for what, most in (
        (resource.RLIMIT_AS, orders.memory_bytes),
        (resource.RLIMIT_FSIZE, orders.file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_STACK, _STACK_BYTES),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Root without capabilities owns its files and nothing more; for others there is nothing to drop."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused to an ordinary user, who has none
    if libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "privileges could not be dropped")


def _prctl(libc: ctypes.CDLL, what: int, value: int) -> None:
    if libc.prctl(what, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {what} was refused")
