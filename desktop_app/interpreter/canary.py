"""Before any code of others runs, the worker tries what it must not be able to do; one success refuses the session.

The host compares the names with those of `acts`.
"""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from desktop_app.interpreter.orders import Orders

_WRITTEN = ".deskside-canary"


def clean_up(orders: Orders) -> None:
    """Remove, as the host, what a canary has written that got through."""
    for written in (_in_home(orders), _in_temporary(orders)):
        with suppress(OSError):
            written.unlink()


def _in_home(orders: Orders) -> Path:
    return Path(orders.home) / _WRITTEN


def _in_temporary(orders: Orders) -> Path:
    return Path("/tmp") / f"{_WRITTEN}-{orders.host}"


def _read_secret(orders: Orders) -> None:
    Path(orders.secret).read_bytes()


def _list_private(orders: Orders) -> None:
    list(Path(orders.secret).parent.iterdir())


def _write_home(orders: Orders) -> None:
    _in_home(orders).write_bytes(b"")


def _write_temporary(orders: Orders) -> None:
    _in_temporary(orders).write_bytes(b"")


def _socket(family: str, address: tuple[str, int] | None = None) -> Callable[[Orders], None]:
    """Make a socket and, where making one is harmless, send by it."""

    def attempt(_: Orders) -> None:
        with socket.socket(getattr(socket, family), socket.SOCK_DGRAM) as made:
            if address is not None:
                made.sendto(b"", address)

    return attempt


def _fork(_: Orders) -> None:
    if os.fork() == 0:
        os._exit(0)


def _execute(_: Orders) -> None:
    os.execv("/bin/sh", ["sh", "-c", "exit 0"])


def _signal_host(orders: Orders) -> None:
    os.kill(orders.host, 0)


def _look_into_host(orders: Orders) -> None:
    Path(f"/proc/{orders.host}/environ").read_bytes()


_ANYWHERE: dict[str, Callable[[Orders], None]] = {
    "read a private file": _read_secret,
    "list a private folder": _list_private,
    "write into the home folder": _write_home,
    "internet socket": _socket("AF_INET", ("127.0.0.1", 9)),
    "internet socket, version 6": _socket("AF_INET6", ("::1", 9)),
}
_POSIX: dict[str, Callable[[Orders], None]] = {
    "write to the temporary folder": _write_temporary,
    "unix socket": _socket("AF_UNIX"),
    "start a process": _fork,
    "run a program": _execute,
    "signal the application": _signal_host,
}
_LINUX: dict[str, Callable[[Orders], None]] = {
    "netlink socket": _socket("AF_NETLINK"),
    "look into the application": _look_into_host,
}


def acts(platform: str) -> dict[str, Callable[[Orders], None]]:
    """What is tried on a system (sys.platform)."""
    return _ANYWHERE | ({} if platform == "win32" else _POSIX) | (_LINUX if platform == "linux" else {})


def sing(orders: Orders, platform: str) -> dict[str, bool]:
    """Try everything; True for each act that got through."""
    return {name: _got_through(act, orders) for name, act in acts(platform).items()}


def _got_through(act: Callable[[Orders], None], orders: Orders) -> bool:
    try:
        act(orders)
    except OSError:
        return False
    return True
