"""Seatbelt: the worker asks macOS to take everything from it but Python, the libraries and its data folder.

Written from the documentation and other programs' profiles, and not tried by its authors on a Mac: it is off until
the self-test has passed on the machine (verified.py), and each worker's canary decides again. The limit of memory is
watched by the host (session.py), because macOS does not keep RLIMIT_AS.
"""

import ctypes
import os
from collections.abc import Sequence

from desktop_app.interpreter.orders import Orders

_LIBRARY = "/usr/lib/libsandbox.1.dylib"
_SYSTEM_READ = (
    "/usr/lib",
    "/usr/share",
    "/System",
    "/Library/Fonts",
    "/private/var/db/timezone",
    "/private/etc/localtime",
)
_DEVICES_READ = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_SYSCTLS = ("hw.", "kern.osrelease", "kern.ostype", "kern.version", "kern.osversion", "kern.argmax", "vm.loadavg")
_NICE = 10


def profile(readable: Sequence[str], data: str) -> str:
    """The profile in Seatbelt's language; what it does not name is denied."""
    read = "\n".join(f"  (subpath {_quoted(path)})" for path in (*_SYSTEM_READ, *readable))
    devices = " ".join(f"(literal {_quoted(device)})" for device in _DEVICES_READ)
    names = "\n".join(f"  (sysctl-name-prefix {_quoted(name)})" for name in _SYSCTLS)
    return f"""(version 1)
(deny default)
(allow file-read*
{read}
  {devices})
(allow file-read-metadata (literal "/") (literal "/private") (literal "/var") (literal "/tmp") (literal "/etc"))
(allow file-read* file-write* (subpath {_quoted(data)}))
(deny file-link file-write-create (vnode-type SYMLINK) (vnode-type FIFO) (vnode-type SOCKET))
(allow file-write-data (literal "/dev/null"))
(allow sysctl-read
{names})
(allow signal (target self))
(allow system-fcntl)
(deny network*)
(deny process-fork)
(deny process-exec*)
(deny mach-lookup)
"""


def confine(orders: Orders) -> None:
    """Confine this process for good. Raises OSError with Seatbelt's own words when it refuses the profile."""
    import resource

    os.nice(_NICE)
    for what, most in (
        (resource.RLIMIT_FSIZE, orders.file_bytes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    sandbox = ctypes.CDLL(_LIBRARY)
    complaint = ctypes.c_char_p()
    text = profile(orders.readable, os.path.realpath(orders.data)).encode()
    if sandbox.sandbox_init(text, ctypes.c_uint64(0), ctypes.byref(complaint)) != 0:
        raise OSError((complaint.value or b"sandbox_init failed").decode(errors="replace"))


def _quoted(path: str) -> str:
    """A string of the profile's language."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
