"""What the service's benchmarks share: a service in front of a scripted provider, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx2
import psutil

from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess

TIMEOUT_S = 120


@contextmanager
def scripted(*turns: Turn) -> Iterator[str]:
    """The base URL of a provider that plays these turns, the last one again and again."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "turns.json"
        script.write_text(json.dumps([asdict(turn) for turn in turns]), "utf-8")
        command = [sys.executable, "-m", "tests.support.scripted_provider", "--script", str(script)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as provider:
            assert provider.stdout is not None
            try:
                yield provider.stdout.readline().strip()
            finally:
                provider.terminate()


@contextmanager
def served(*turns: Turn) -> Iterator[tuple[ServiceProcess, str]]:
    """A running service over a new data folder, and its provider's base URL."""
    with (
        scripted(*turns) as provider_url,
        tempfile.TemporaryDirectory() as folder,
        ServiceProcess(Path(folder) / "data", {"DESKSIDE_PROVIDER_URL": provider_url}) as service,
    ):
        yield service, provider_url


def client_of(service: ServiceProcess) -> httpx2.AsyncClient:
    """A plain client with the key; HTTP alone, because an SDK would cost more than what is measured."""
    return httpx2.AsyncClient(
        base_url=service.base_url,
        headers={"Authorization": f"Bearer {service.api_key}"},
        timeout=TIMEOUT_S,
        limits=httpx2.Limits(max_connections=None),
    )


async def make_assistant(client: httpx2.AsyncClient, model: str = "scripted") -> str:
    """It answers in the same words each time."""
    answer = await client.post("/assistants", json={"model": model, "temperature": 0})
    return str(answer.raise_for_status().json()["id"])


async def make_thread(client: httpx2.AsyncClient, question: str = "Go on.") -> str:
    """A thread with one question."""
    answer = await client.post("/threads", json={"messages": [{"role": "user", "content": question}]})
    return str(answer.raise_for_status().json()["id"])


def process_of(service: ServiceProcess) -> psutil.Process:
    assert service.process is not None
    return psutil.Process(service.process.pid)


def cpu_seconds(service: ServiceProcess) -> float:
    """What the service's own process has used so far."""
    times = process_of(service).cpu_times()
    return float(times.user + times.system)


def percentile(times: Sequence[float], percent: int) -> float:
    """The value that `percent` of `times` don't exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
