"""Running the attacks at every level that a machine offers, and the table of what came of them."""

import platform
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.interpreter import launch, verified
from desktop_app.interpreter.base import CellResult, Level
from desktop_app.interpreter.launch import Worker
from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.removal import remove_tree
from desktop_app.interpreter.selftest import files, kernel, network, processes
from desktop_app.interpreter.selftest.attack import MARK, PRELUDE, Attack, cell, numbers
from desktop_app.interpreter.selftest.decoys import Decoys, planted
from desktop_app.interpreter.session import Session

ATTACKS = (*processes.ATTACKS, *files.ATTACKS, *network.ATTACKS, *kernel.ATTACKS)
_LIMITS = replace(Limits(), file_bytes=16 * MB, cell_s=20.0)


@dataclass(frozen=True)
class Row:
    """What came of an attack at a level; `seen` is what it or the decoys said."""

    level: Level
    area: str
    name: str
    through: bool
    seen: str


def run(offers: Sequence[Offer], attacks: Sequence[Attack] = ATTACKS) -> Iterator[Row]:
    """Try every attack at every level; takes some seconds a level. When all are refused where the walls
    were untried, that is remembered (verified.py). Raises NotConfinedError."""
    through = False
    parent = Path(tempfile.mkdtemp(prefix="deskside-self-test-"))
    try:
        # Workers die with the thread that started them, which need not be that of whoever takes these rows.
        with ThreadPoolExecutor(1, "code-spawner") as spawner:
            for offer in offers:
                with _Round(offer, parent, spawner) as round_:
                    for attack in attacks:
                        if attack.applies:
                            row = round_.try_(attack)
                            through = through or row.through
                            yield row
        if not through and attacks == ATTACKS and sys.platform != "linux":
            verified.remember()
    finally:
        remove_tree(parent)


class _Round:
    """A level's session under attack, another session beside it, and the decoys."""

    def __init__(self, offer: Offer, parent: Path, spawner: ThreadPoolExecutor) -> None:
        self._offer = offer
        self._parent = parent
        self._spawner = spawner
        self._decoys_context = planted(parent)

    def __enter__(self) -> "_Round":
        self._decoys: Decoys = self._decoys_context.__enter__()
        self._other = self._start()
        self._session: Session | None = None
        return self

    def __exit__(self, *raised: object) -> None:
        if self._session is not None:
            self._session.end()
        self._other.end()
        self._decoys_context.__exit__(None, None, None)

    def try_(self, attack: Attack) -> Row:
        result = self._run(cell(attack))
        through, seen = _verdict(attack, result)
        if touched := self._decoys.touched():
            through, seen = True, "; ".join(touched)
        return Row(self._offer.level, attack.area, attack.name, through, seen)

    def _run(self, code: str) -> CellResult:
        if self._session is None or self._session.lost:
            if self._session is not None:
                self._session.end()
            worker = self._start()
            self._session = Session(worker, self._parent / f"{worker.folder.name}-out", _LIMITS)
            self._session.run(self._prelude(worker), (), lambda text: None, threading.Event())
        return self._session.run(code, (), lambda text: None, threading.Event())

    def _start(self) -> Worker:
        secret = self._parent / "private"
        secret.write_bytes(b"not for code")
        return self._spawner.submit(
            launch.start, self._offer, launch.make_folder(self._parent), secret, _LIMITS
        ).result()

    def _prelude(self, worker: Worker) -> str:
        names = self._decoys.names | {
            "runtime": threading.__file__,
            "other": str(self._other.folder),
            "other_pid": self._other.process.pid,
            "calls": numbers(),
        }
        assigned = "\n".join(f"{name} = {value!r}" for name, value in names.items())
        return f"{PRELUDE}\ndata = '/mnt/data'\n{assigned}"


def _verdict(attack: Attack, result: CellResult) -> tuple[bool, str]:
    """What the attack itself says: through or not, and why."""
    for line in result.logs.splitlines():
        if line.startswith(MARK):
            _, through, seen = line.split(" ", 2)
            return through == "1", seen
    if result.outcome == "lost":
        return not attack.fatal, "the session was ended"
    return True, f"it said nothing on {platform.system()}: {result.logs[-200:]!r}"
