"""What attacks are aimed at: private files, sockets that notice visitors, a secret; and whether any was touched."""

import contextlib
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OUTSIDE = ("/tmp", "/dev/shm", "/var/tmp", "/")
_ATTACK_FILE = "deskside-attack"
_SECRET_NAME = "DESKSIDE_SELF_TEST_SECRET"

_Look = dict[str, tuple[object, ...]]


@dataclass
class Decoys:
    """`names` is what the code of the attacks knows."""

    names: dict[str, Any]
    _home: Path
    _sockets: dict[str, socket.socket]
    _before: _Look

    def touched(self) -> list[str]:
        """What was changed, visited or left since the last time, as seen from out here."""
        found = [name for name, listener in self._sockets.items() if _visited(listener)]
        now = _look(self._home)
        paths = sorted(path for path in now.keys() | self._before.keys() if now.get(path) != self._before.get(path))
        self._before = now
        found += [f"{path} changed" for path in paths]
        for folder in _OUTSIDE:
            with contextlib.suppress(OSError):
                (Path(folder) / _ATTACK_FILE).unlink()
                found.append(f"a file in {folder}")
        return found


@contextlib.contextmanager
def planted(folder: Path) -> Iterator[Decoys]:
    """Decoys in a new folder of `folder`, on ports of this machine and in the environment, as long as it lasts."""
    home = folder / f"home-{secrets.token_hex(4)}"
    (home / "empty").mkdir(parents=True)
    (home / "id_rsa").write_text("decoy: a private key")
    (home / ".bashrc").write_text("# decoy: a profile")
    (home / "library.sqlite3").write_bytes(b"SQLite format 3\0decoy: a database")
    secret, abstract = f"decoy-{secrets.token_hex(8)}", f"deskside-{secrets.token_hex(4)}"
    with contextlib.ExitStack() as stack:
        listeners = {name: stack.enter_context(listener) for name, listener in _listeners(home, abstract)}
        names = {"home": str(home), "host": os.getpid(), "decoy_key": secret, "abstract": abstract}
        names |= {"unix": str(home / "socket")}
        names |= {name: listeners[name].getsockname()[1] for name in ("tcp", "udp")}
        os.environ[_SECRET_NAME] = secret
        stack.callback(os.environ.pop, _SECRET_NAME, None)
        home.chmod(0o700)
        yield Decoys(names, home, listeners, _look(home))


def _listeners(home: Path, abstract: str) -> Iterator[tuple[str, socket.socket]]:
    yield "tcp", _listening(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    yield "udp", _listening(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
    if hasattr(socket, "AF_UNIX"):
        yield "unix socket", _listening(socket.AF_UNIX, socket.SOCK_STREAM, str(home / "socket"))
    if sys.platform == "linux":
        yield "abstract socket", _listening(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}")
        yield "abstract datagrams", _listening(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{abstract}-datagram")


def _listening(family: int, kind: int, address: Any) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.bind(address)
    listener.setblocking(False)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    return listener


def _visited(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(1)
    except BlockingIOError:
        return False
    return True


def _look(home: Path) -> _Look:
    found: _Look = {}
    for path in [home, *home.rglob("*")]:
        state = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (state.st_mode, state.st_uid, state.st_size, state.st_mtime_ns, content)
    return found
