"""Sessions at every level that this machine offers; a machine that offers none fails these tests."""

import os
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.interpreter import launch, levels
from desktop_app.interpreter.base import CellResult, InputFile
from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.manager import CodeSessionManager
from desktop_app.interpreter.session import Session

OFFERS = levels.weaker(levels.offers()[0])
LIMITS = replace(Limits(), file_bytes=16 * MB, disk_bytes=64 * MB, files=500, flood_bytes=8 * MB)


class Bench:
    """A session without an event loop, with limits that are soon reached; given a new worker when it has lost its."""

    def __init__(self, offer: Offer, folder: Path, limits: Limits = LIMITS) -> None:
        self.offer = offer
        self.folder = folder
        self.limits = limits
        self.secret = folder / "private"
        self.secret.write_bytes(b"not for code")
        self.session = Session(self._start(), folder / "out", limits)

    @property
    def worker(self) -> launch.Worker:
        return self.session._worker

    def run(self, code: str, inputs: Sequence[InputFile] = (), stop: threading.Event | None = None) -> CellResult:
        if self.session.lost:
            self.session.restart(self._start())
        return self.session.run(code, inputs, lambda text: None, stop or threading.Event())

    def told(self, code: str) -> str:
        """What code prints that must succeed."""
        result = self.run(code)
        assert result.outcome == "ok", result.logs
        return result.logs.strip()

    def _start(self) -> launch.Worker:
        return launch.start(self.offer, launch.make_folder(self.folder), self.secret, self.limits)


@pytest.fixture(params=OFFERS, ids=lambda offer: offer.level, scope="session")
def offer(request: pytest.FixtureRequest) -> Offer:
    return request.param


@pytest.fixture(scope="module")
def bench(offer: Offer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A session that the tests of a file share."""
    bench = Bench(offer, tmp_path_factory.mktemp("code"))
    yield bench
    bench.session.end()


@pytest.fixture(scope="module")
def hurried(offer: Offer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """As `bench`, with little time for a cell."""
    bench = Bench(offer, tmp_path_factory.mktemp("code"), replace(LIMITS, cell_s=1.0, grace_s=1.0))
    yield bench
    bench.session.end()


@pytest.fixture
async def sessions(offer: Offer, tmp_path: Path) -> AsyncIterator[CodeSessionManager]:
    manager = CodeSessionManager(tmp_path / "code", offers=[offer], with_spare=False)
    yield manager
    await manager.close()
    assert not any((tmp_path / "code").iterdir())


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def cpu_ticks(pid: int) -> int:
    """The time that a process has computed, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def owner() -> str:
    return "root" if os.getuid() == 0 else "user"
