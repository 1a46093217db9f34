"""What Deskside adds to a local model's answer, against xllamacpp called directly, and what the model's process needs.

The same file, context and threads on both sides; they answer the same new questions in turns, so that neither has read
one before and a busy machine slows both alike.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import psutil

from desktop_app.models.local.catalogue import catalogue
from desktop_app.models.local.options import physical_cores
from desktop_app.models.local.process import THREADS_ENVIRONMENT
from desktop_app.settings.paths import models_dir
from tests.benchmarks.serving import client_of, make_assistant, process_of
from tests.benchmarks.streaming import Answer, run_answer
from tests.support.service_process import ServiceProcess

TOKENS = 256
CONTEXT = 2048
_SUBJECTS = ("the sea", "a library", "two kings", "a long winter", "bees", "a lighthouse", "bread")


def run() -> Iterator[tuple[str, str, str]]:
    known = catalogue()[0]
    path = next((p for p in (models_dir() / known.file, models_dir() / "for-tests" / known.file) if p.exists()), None)
    if path is None:
        print(f"left out: {known.name} is not in {models_dir()}; download it in Deskside first", file=sys.stderr)
        return
    yield from asyncio.run(_measure(path))


async def _measure(path: Path) -> list[tuple[str, str, str]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ServiceProcess(Path(folder) / "data") as service,
        _direct(path) as direct,
    ):
        assert direct.stdin is not None
        async with client_of(service) as client:
            added = await client.post("/deskside/local-models", json={"path": str(path)})
            model_id = added.raise_for_status().json()["id"]
            options = {"context_tokens": CONTEXT, "threads": physical_cores()}
            await client.put(f"/deskside/local-models/{model_id}/options", json=options)
            assistant_id = await make_assistant(client, f"local/{model_id}")

            async def both(subject: str) -> tuple[Answer, Answer]:
                question = f"Tell a long story about {subject}."
                one = _asked(direct.stdin, direct.stdout, question)
                return one, await run_answer(client, assistant_id, question, max_completion_tokens=TOKENS)

            await both("a warm morning")
            (worker,) = (each for each in process_of(service).children() if "model-worker" in each.cmdline())
            processes = (worker, process_of(service), psutil.Process(direct.pid))
            before = [_cpu_s(process) for process in processes]
            raw, ours = zip(*[await both(subject) for subject in _SUBJECTS], strict=True)
        cpu = [_cpu_s(process) - earlier for process, earlier in zip(processes, before, strict=True)]
        memory, directly = worker.memory_info().rss, processes[-1].memory_info().rss
        direct.stdin.close()
    share = statistics.median(_pace(b) / _pace(a) for a, b in zip(raw, ours, strict=True))
    first = statistics.median(answer.first_s for answer in raw)
    through = statistics.median(answer.first_s for answer in ours)
    pace = statistics.median(_pace(answer) for answer in raw)
    return [
        (
            "local model: text per second against xllamacpp directly",
            f"{share:.3f} ({pace:.0f} characters/s)",
            ">= 0.95",
        ),
        (
            "local model: CPU of its process (of the service besides), against xllamacpp directly",
            f"{cpu[0] / cpu[2]:.2f} ({cpu[1] / cpu[2]:.2f})",
            "",
        ),
        ("local model: first token, against xllamacpp directly", f"{through * 1e3:.0f} ms ({first * 1e3:.0f} ms)", ""),
        ("memory of the model's process, against xllamacpp directly", f"{_mb(memory)} ({_mb(directly)})", ""),
    ]


def _direct(path: Path) -> subprocess.Popen[bytes]:
    """With the threads' manners of Deskside's own process: what is measured is what Deskside adds."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.local", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | THREADS_ENVIRONMENT,
    )


def _pace(answer: Answer) -> float:
    """Characters per second from the first one on."""
    return answer.chars / (answer.last_s - answer.first_s)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _asked(questions: IO[bytes] | None, answers: IO[bytes] | None, question: str) -> Answer:
    assert questions is not None
    assert answers is not None
    questions.write(question.encode() + b"\n")
    questions.flush()
    return Answer(**json.loads(answers.readline()))


def _answer_directly(path: str) -> None:
    """A process of its own: a question on each line of stdin, the measured answer on stdout."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = physical_cores()
    params.verbosity = 1
    model = xllamacpp.Server(params)
    for line in sys.stdin:
        times: list[tuple[float, int]] = []

        def note(chunk: dict[str, Any], times: list[tuple[float, int]] = times) -> None:
            if text := chunk["choices"][0]["delta"].get("content") if chunk["choices"] else "":
                times.append((time.perf_counter(), len(text)))

        messages = [{"role": "user", "content": line.strip()}]
        start = time.perf_counter()
        model.handle_chat_completions(
            {"messages": messages, "stream": True, "max_tokens": TOKENS, "temperature": 0}, note
        )
        answer = Answer(times[0][0] - start, times[-1][0] - start, sum(chars for _, chars in times))
        print(json.dumps(asdict(answer)), flush=True)


if __name__ == "__main__":
    _answer_directly(sys.argv[1])
