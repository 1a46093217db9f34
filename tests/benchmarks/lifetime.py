"""How long the service takes to start, and to end while a client listens to its feed."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from tests.support.service_process import ServiceProcess

ROUNDS = 5


def run() -> Iterator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as place:
        starts, ends = zip(*(_live(Path(place) / "data") for _ in range(ROUNDS)), strict=True)
    yield "service, from its start to its address, wall p50", f"{statistics.median(starts):.2f} s", ""
    yield "service, from SIGTERM to its end with a listener, wall max", f"{max(ends):.2f} s", "<= 5 s"


def _live(data_dir: Path) -> tuple[float, float]:
    """Seconds to start and to end."""
    service = ServiceProcess(data_dir)
    began = time.perf_counter()
    service.start()
    start = time.perf_counter() - began
    headers = {"Authorization": f"Bearer {service.api_key}"}
    with httpx2.stream("GET", f"{service.base_url}/deskside/events", headers=headers, timeout=30):
        began = time.perf_counter()
        assert service.stop() == 0
        return start, time.perf_counter() - began
