"""Memory of the service's process while clients stall and leave: how much it grows, in megabytes of resident set."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress

import httpx2

from tests.benchmarks.serving import client_of, make_assistant, make_thread, process_of, served
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess

CLIENTS = 100
PIECES = 1_000
PIECE = "some words and more of them, " * 10
ANSWER = Turn([PIECE] * PIECES)


def run() -> Iterator[tuple[str, str, str]]:
    yield from asyncio.run(_measure())


async def _measure() -> list[tuple[str, str, str]]:
    rows = []
    with served(ANSWER) as (service, _):
        async with client_of(service) as client:
            assistant_id = await make_assistant(client)
            for _ in range(5):  # imports, caches, connections
                await _finish(client, await _open(service, client, assistant_id))
            before = _megabytes(service)
            stalled = [await _open(service, client, assistant_id) for _ in range(10)]
            for each in stalled:
                await _ended(client, each[0])
            text = len(stalled) * PIECES * len(PIECE) / 2**20
            grown = _megabytes(service) - before
            rows.append(("memory for 10 readers that stopped", f"{grown:.0f} MB for {text:.1f} MB of text", ""))
            for each in stalled:
                await _finish(client, each)
            before = _megabytes(service)
            for _ in range(CLIENTS):
                path, writer = await _open(service, client, assistant_id)
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()
                await _ended(client, path)
            rows.append(
                (
                    f"memory left by {CLIENTS} clients that left their stream",
                    f"{_megabytes(service) - before:.0f} MB",
                    "",
                )
            )
    return rows


async def _open(
    service: ServiceProcess, client: httpx2.AsyncClient, assistant_id: str
) -> tuple[str, asyncio.StreamWriter]:
    """The path of a thread's runs, and the connection of a stream of one, of which one line is read."""
    path = f"/threads/{await make_thread(client)}/runs"
    url = httpx2.URL(service.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
    body = json.dumps({"assistant_id": assistant_id, "stream": True})
    head = f"POST {url.path}{path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nAuthorization: Bearer {service.api_key}"
    writer.write(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    await reader.readline()
    return path, writer


async def _ended(client: httpx2.AsyncClient, path: str) -> None:
    while (await client.get(path)).json()["data"][0]["status"] != "completed":  # noqa: ASYNC110  # it is polled
        await asyncio.sleep(0.05)


async def _finish(client: httpx2.AsyncClient, opened: tuple[str, asyncio.StreamWriter]) -> None:
    path, writer = opened
    await _ended(client, path)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _megabytes(service: ServiceProcess) -> float:
    return float(process_of(service).memory_info().rss) / 2**20
