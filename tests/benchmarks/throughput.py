"""Runs per second with 1, 10 and 100 clients: each makes a thread with its run, reads the whole stream, and again.

Clients, provider and service share the machine, so the service's CPU time per run is told as well.
"""

import asyncio
import time
from collections.abc import Iterator

import httpx2

from tests.benchmarks.serving import client_of, cpu_seconds, make_assistant, percentile, process_of, served
from tests.support.scripted_provider import Turn

CLIENTS = (1, 10, 100)
SECONDS = 10.0
ANSWER = Turn("An answer of ten words, which is streamed word by word.")


def run() -> Iterator[tuple[str, str, str]]:
    for clients in CLIENTS:
        yield asyncio.run(_measure(clients))


async def _measure(clients: int) -> tuple[str, str, str]:
    times: list[float] = []
    with served(ANSWER) as (service, _):
        async with client_of(service) as client:
            assistant_id = await make_assistant(client)
            await _ask(client, assistant_id)
            before, start = cpu_seconds(service), time.perf_counter()
            await asyncio.gather(*(_keep_asking(client, assistant_id, start, times) for _ in range(clients)))
            elapsed = time.perf_counter() - start
            cpu = (cpu_seconds(service) - before) / len(times)
            memory = process_of(service).memory_info().rss / 2**20
    told = (
        f"{len(times) / elapsed:.0f} runs/s, p50 {percentile(times, 50) * 1e3:.0f} ms, "
        f"p99 {percentile(times, 99) * 1e3:.0f} ms; {cpu * 1e3:.0f} ms CPU a run, {memory:.0f} MB"
    )
    return f"runs streamed by {clients} client{'s' if clients > 1 else ''} at once", told, ""


async def _keep_asking(client: httpx2.AsyncClient, assistant_id: str, start: float, times: list[float]) -> None:
    while time.perf_counter() - start < SECONDS:
        times.append(await _ask(client, assistant_id))


async def _ask(client: httpx2.AsyncClient, assistant_id: str) -> float:
    """Seconds until a run on a new thread has told its end."""
    thread = {"messages": [{"role": "user", "content": "Go on."}]}
    start = time.perf_counter()
    answer = await client.post("/threads/runs", json={"assistant_id": assistant_id, "stream": True, "thread": thread})
    if answer.status_code != 200 or b"event: thread.run.completed\n" not in answer.content:
        raise RuntimeError(f"a run did not complete: {answer.text[-500:]}")
    return time.perf_counter() - start
