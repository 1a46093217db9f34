"""The code interpreter at the strongest level of this machine: how soon code answers, and what a session costs."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from desktop_app.interpreter import launch, levels
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.manager import CodeSessionManager

CELLS, STARTS = 500, 15
PLOT = "import matplotlib.pyplot as plt\nimport pandas as pd\npd.DataFrame({'x': [1, 2, 3]}).plot()\nplt.show()"


def run() -> Iterator[tuple[str, str, str]]:
    yield from asyncio.run(_measure())


async def _measure() -> list[tuple[str, str, str]]:
    offers = levels.offers()[0]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        sessions = CodeSessionManager(Path(folder))
        level = sessions.sandbox.level
        sessions.prepare()
        assert sessions._spare is not None
        await asyncio.wait([sessions._spare._task])
        began = time.perf_counter()
        first = await sessions.run("plot", PLOT)
        plot_s = time.perf_counter() - began
        assert len(first.pictures) == 1, first.logs
        if sessions._spare is not None:
            await asyncio.wait([sessions._spare._task])
        times = []
        for number in range(CELLS):
            began = time.perf_counter()
            await sessions.run("plot", f"x = {number}\nx")
            times.append(time.perf_counter() - began)
        session = sessions._places["plot"].session
        assert session is not None
        memory = psutil.Process(session._worker.process.pid).memory_full_info().uss
        await sessions.close()
        rows.append((f"code cell round trip, p50 / p95 ({level})", _milliseconds(times), "p50 < 2 ms"))
        rows.append(("first plot of a session, with the spare", f"{plot_s * 1000:.0f} ms", "< 200 ms"))
        rows.append(("memory of a resting session that has plotted (USS)", f"{memory / MB:.0f} MB", "<= 100 MB"))
    for offer in offers:
        rows.append((f"session start without the spare, p50 / p95 ({offer.level})", _starts(offer), "p50 < 300 ms"))
    return rows


def _starts(offer: levels.Offer) -> str:
    times = []
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "private"
        secret.write_bytes(b"not for code")
        for _ in range(STARTS):
            began = time.perf_counter()
            worker = launch.start(offer, launch.make_folder(Path(folder)), secret, Limits())
            times.append(time.perf_counter() - began)
            worker.end()
    return _milliseconds(times)


def _milliseconds(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(times) * 1000:.1f} / {ordered[int(len(ordered) * 0.95)] * 1000:.1f} ms"
