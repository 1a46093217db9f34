"""How much the service adds to reading: CPU time for real PDFs through the HTTP API, against parsing and embedding.

CPU time instead of wall time, so that it holds on a busy machine. The service's is that of its whole process tree,
with everything that makes a file searchable: uploading, the parser process, the database and its syncs, polling.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import psutil

from desktop_app.documents import chunking
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles
from desktop_app.documents.parsing.formats import read_document
from desktop_app.settings.paths import models_dir
from tests.support.service_process import ServiceProcess

NOTES = 300
FILES = sorted((Path(__file__).parents[1] / "data" / "kerberos").glob("*.pdf"))


def run() -> Iterator[tuple[str, str, str]]:
    files = ModelFiles(models_dir())
    files.ensure()
    embedder = Embedder(files.model, files.tokenizer)
    embedder.embed(["warm"])
    start = time.process_time()
    pages = sum(_read_directly(path, embedder) for path in FILES)
    direct = time.process_time() - start
    service, note = _through_the_service()
    yield "ingestion, CPU time of parsing + embedding alone", f"{direct:.1f} s for {pages} pages", ""
    yield "ingestion, CPU time through the HTTP API", f"{service:.1f} s ({pages / service:.1f} pages/cpu-s)", ""
    yield "ingestion, speed against parsing + embedding alone", f"{direct / service:.2f}", ">= 0.85"
    yield "ingestion, CPU time of a small note of many", f"{note * 1e3:.0f} ms", ""


def _read_directly(path: Path, embedder: Embedder) -> int:
    """Parse and embed one file; answers how many pages it has."""
    pages = list(read_document(path, path.name)[1])
    text = "\n".join(page.text for page in pages)
    offsets = chunking.bounded(embedder.tokens(text))
    header = chunking.header(path.name)
    for start, end in chunking.windows(text, offsets, path.name, embedder.tokens).tolist():
        embedder.embed([header + text[start:end]])
    return len(pages)


def _through_the_service() -> tuple[float, float]:
    """CPU seconds for all files, and for one of many small notes."""
    with (
        tempfile.TemporaryDirectory() as place,
        ServiceProcess(Path(place) / "data") as service,
        openai.OpenAI(base_url=service.base_url, api_key=service.api_key) as client,
    ):
        _add(client, [Path(__file__)])  # starts the workers and loads the model
        notes = [Path(place) / f"{number}.txt" for number in range(NOTES)]
        for note in notes:
            note.write_text(f"Note number {note.stem}.")
        before = _cpu_seconds(service)
        _add(client, FILES)
        between = _cpu_seconds(service)
        _add(client, notes)
        return between - before, (_cpu_seconds(service) - between) / NOTES


def _add(client: openai.OpenAI, paths: list[Path]) -> None:
    store = client.vector_stores.create()
    batch = client.vector_stores.file_batches.upload_and_poll(store.id, files=paths, poll_interval_ms=1000)
    assert batch.file_counts.completed == len(paths), batch


def _cpu_seconds(service: ServiceProcess) -> float:
    assert service.process is not None
    parent = psutil.Process(service.process.pid)
    times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    ended = parent.cpu_times()
    return sum(each.user + each.system for each in times) + ended.children_user + ended.children_system
