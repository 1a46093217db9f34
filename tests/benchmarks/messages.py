"""Creating and listing messages in a library of 100,000: how long one client waits, over one connection."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from desktop_app.settings.paths import DataDir
from desktop_app.store.database import Database
from desktop_app.store.tables import messages, threads
from desktop_app.store.upgrade import upgrade_database
from desktop_app.wire.ids import MESSAGE, THREAD, new_id
from tests.benchmarks.serving import client_of, percentile
from tests.support.service_process import ServiceProcess

THREADS = 1_000
LONG = 10_000
"""Messages of the longest thread; the others share the rest."""
MESSAGES = 100_000
REQUESTS = 500
WARM_UP_S = 3.0
"""The service imports some things soon after its start."""
TEXT = "A message of some forty words, as people write them. " * 4


def run() -> Iterator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        thread_ids = _fill(data_dir)
        with ServiceProcess(data_dir) as service:
            yield from asyncio.run(_measure(service, thread_ids))


def _fill(data_dir: Path) -> list[str]:
    """Build the library through the store; answers its threads' ids, the longest first."""
    place = DataDir(data_dir)
    place.create()
    upgrade_database(place.database, place.backups)
    database = Database(place.database)
    thread_ids = [new_id(THREAD) for _ in range(THREADS)]
    share = (MESSAGES - LONG) // (THREADS - 1)
    with database.write() as connection:
        made = {"created_at": 1, "last_active_at": 1, "title": "A talk", "metadata": {}}
        connection.execute(threads.insert(), [{"id": thread_id, **made} for thread_id in thread_ids])
        for number, thread_id in enumerate(thread_ids):
            rows = [_message(thread_id) for _ in range(share if number else LONG)]
            connection.execute(messages.insert(), rows)
    database.close()
    return thread_ids


def _message(thread_id: str) -> dict[str, Any]:
    return {
        "id": new_id(MESSAGE),
        "created_at": 1,
        "thread_id": thread_id,
        "role": "user",
        "status": "completed",
        "content": [{"type": "text", "text": {"value": TEXT, "annotations": []}}],
        "attachments": [],
        "metadata": {},
    }


async def _measure(service: ServiceProcess, thread_ids: list[str]) -> list[tuple[str, str, str]]:
    some = [f"/threads/{thread_ids[number * 7 % THREADS]}/messages" for number in range(REQUESTS)]
    long = [f"/threads/{thread_ids[0]}/messages"] * REQUESTS
    async with client_of(service) as client:
        await asyncio.sleep(WARM_UP_S)
        return [
            await _row("create a message", client, "POST", some, json={"role": "user", "content": TEXT}),
            await _row("list 20 messages", client, "GET", some),
            await _row("list 100 messages", client, "GET", some, params={"limit": 100}),
            await _row(f"list 20 messages of {LONG:,}", client, "GET", long),
        ]


async def _row(
    what: str, client: httpx2.AsyncClient, method: str, paths: list[str], **options: Any
) -> tuple[str, str, str]:
    """One request after the other."""
    times = []
    for path in paths:
        start = time.perf_counter()
        (await client.request(method, path, **options)).raise_for_status()
        times.append(time.perf_counter() - start)
    told = f"p50 {percentile(times, 50) * 1e3:.1f} ms, p99 {percentile(times, 99) * 1e3:.1f} ms"
    return f"{what}, in a library of {MESSAGES:,}", told, ""
