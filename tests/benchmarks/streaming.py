"""What the service adds to a streamed answer: tokens per second and time to first token, against the raw provider.

Both are read by the same plain client over HTTP, in turns, so that a busy machine slows both alike.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.benchmarks.serving import client_of, cpu_seconds, make_assistant, make_thread, served
from tests.support.scripted_provider import Turn

RATE = 1000
"""Deltas per second that the provider sends."""
DELTAS = 3000
ROUNDS = 5
FIRST_ROUNDS = 40


@dataclass(frozen=True)
class Answer:
    """Seconds from the request to the first text and to the last, and how much text there was."""

    first_s: float
    last_s: float
    chars: int

    @property
    def rate(self) -> float:
        return self.chars / self.last_s


def run() -> Iterator[tuple[str, str, str]]:
    yield from asyncio.run(_measure())


async def _measure() -> list[tuple[str, str, str]]:
    long = Turn(" ".join(["word"] * DELTAS), rate=RATE)
    with served(long) as (service, provider_url):
        raw, ours, cpu = [], [], []
        async with client_of(service) as client, httpx2.AsyncClient(base_url=provider_url, timeout=60) as direct:
            assistant_id = await make_assistant(client)
            await _through_the_service(client, assistant_id)
            for _ in range(ROUNDS):
                raw.append(await _directly(direct))
                before = cpu_seconds(service)
                ours.append(await _through_the_service(client, assistant_id))
                cpu.append((cpu_seconds(service) - before) / ours[-1].last_s)
    share = statistics.median(answer.rate for answer in ours) / statistics.median(answer.rate for answer in raw)
    with served(Turn("One two three.")) as (service, provider_url):
        raw, ours = [], []
        async with client_of(service) as client, httpx2.AsyncClient(base_url=provider_url, timeout=60) as direct:
            assistant_id = await make_assistant(client)
            for _ in range(FIRST_ROUNDS):
                raw.append(await _directly(direct))
                ours.append(await _through_the_service(client, assistant_id))
    first = statistics.median(answer.first_s for answer in raw)
    added = statistics.median(answer.first_s for answer in ours) - first
    return [
        (
            f"streamed answer at {RATE:,} deltas/s, tokens per second against the raw provider",
            f"{share:.3f}",
            ">= 0.95",
        ),
        ("the service's CPU meanwhile", f"{statistics.median(cpu):.0%} of a core", ""),
        ("first token, added to the raw provider's", f"{added * 1e3:.1f} ms ({first * 1e3:.1f} ms)", "<= 20 ms"),
    ]


async def _directly(client: httpx2.AsyncClient) -> Answer:
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": "Go on."}]}
    return await read_answer(
        client, "/chat/completions", body, lambda data: data["choices"][0]["delta"].get("content", "")
    )


async def _through_the_service(client: httpx2.AsyncClient, assistant_id: str) -> Answer:
    return await run_answer(client, assistant_id, "Go on.")


async def run_answer(client: httpx2.AsyncClient, assistant_id: str, question: str, **fields: Any) -> Answer:
    """What a run on a new thread streams; `fields` are the run's."""
    path = f"/threads/{await make_thread(client, question)}/runs"
    body = {"assistant_id": assistant_id, "stream": True} | fields
    return await read_answer(client, path, body, lambda data: data["delta"]["content"][0]["text"]["value"])


async def read_answer(client: httpx2.AsyncClient, path: str, body: dict[str, Any], text_of: Any) -> Answer:
    """`text_of` takes the text out of an event's data."""
    chars, first, last = 0, 0.0, 0.0
    start = time.perf_counter()
    async with client.stream("POST", path, json=body) as answer:
        answer.raise_for_status()
        event = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: {") and event in ("", "thread.message.delta"):
                text = text_of(json.loads(line.removeprefix("data: ")))
                if text:
                    last = time.perf_counter()
                    first = first or last
                    chars += len(text)
    return Answer(first - start, last - start, chars)
