"""Executes runs in a process of its own, to be killed: `python -m tests.support.run_until_killed DB URL THREAD...`."""

import asyncio
import sys
from pathlib import Path

from desktop_app.runs.engine import RunEngine
from desktop_app.store.database import Database
from tests.unit.runs.conftest import House


async def _follow(engine: RunEngine, thread_id: str) -> None:
    run = engine.create(thread_id, {"assistant_id": "asst_1"})
    engine.start(run["id"])
    async for _ in engine.stream(run["id"]):
        pass


async def _main(path: Path, url: str, thread_ids: list[str]) -> None:
    engine = House(path, Database(path)).engine(url)
    await asyncio.gather(*(_follow(engine, thread_id) for thread_id in thread_ids))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
