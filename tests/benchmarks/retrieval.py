"""How well search finds, through the HTTP API: nDCG@10 and recall@20 of test collections in BEIR form.

Each document is uploaded as a text file, all are added to a store in file batches, and every question is searched with
the official SDK. A document counts once, where its first passage stands.
"""

import gzip
import io
import json
import math
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai

from desktop_app.wire.limits import BATCH_FILES, SEARCH_RESULTS_MAX
from tests.support.service_process import ServiceProcess

COLLECTIONS: list[Path] = []
GOALS = {"scifact": ">= 0.72", "cranfield": ">= 0.42"}
_UPLOADS = 4

Relevance = Mapping[str, Mapping[str, int]]


def run() -> Iterator[tuple[str, str, str]]:
    for folder in COLLECTIONS:
        with tempfile.TemporaryDirectory() as place, ServiceProcess(Path(place) / "data") as service:
            ndcg, recall, seconds = _measure(service, folder)
        yield f"{folder.name}, nDCG@10 through the HTTP API", f"{ndcg:.3f}", GOALS.get(folder.name, "")
        yield f"{folder.name}, recall@20", f"{recall:.3f}", ""
        yield f"{folder.name}, search request, wall p50", f"{seconds * 1e3:.0f} ms", ""


def _measure(service: ServiceProcess, folder: Path) -> tuple[float, float, float]:
    """nDCG@10, recall@20 and the median seconds of a request."""
    relevance = _relevance(folder)
    questions = {row["_id"]: row["text"] for row in _rows(folder, "queries") if row["_id"] in relevance}
    with openai.OpenAI(base_url=service.base_url, api_key=service.api_key, timeout=600) as client:
        store_id, names = _upload(client, folder)
        gains, recalls, times = [], [], []
        for question_id, question in questions.items():
            start = time.perf_counter()
            found = client.vector_stores.search(store_id, query=question, max_num_results=SEARCH_RESULTS_MAX)
            times.append(time.perf_counter() - start)
            documents = list(dict.fromkeys(names[hit.file_id] for hit in found.data))
            gains.append(ndcg_at_10(documents, relevance[question_id]))
            recalls.append(len(set(documents[:20]) & set(relevance[question_id])) / len(relevance[question_id]))
    return statistics.mean(gains), statistics.mean(recalls), statistics.median(times)


def ndcg_at_10(documents: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of a ranking, with linear gains."""
    gained = sum(relevant.get(document, 0) / math.log2(place + 2) for place, document in enumerate(documents[:10]))
    best = sorted(relevant.values(), reverse=True)[:10]
    return gained / sum(gain / math.log2(place + 2) for place, gain in enumerate(best))


def _upload(client: openai.OpenAI, folder: Path) -> tuple[str, dict[str, str]]:
    """The id of a store with all documents, and the document of each file id."""

    def upload(document: dict[str, Any]) -> tuple[str, str]:
        content = f"{document.get('title', '')}\n{document['text']}".strip().encode()
        # An empty text can't be searched; a document of these collections may be one.
        file = client.files.create(file=(f"{document['_id']}.txt", io.BytesIO(content or b"-")), purpose="assistants")
        return file.id, document["_id"]

    with ThreadPoolExecutor(_UPLOADS) as pool:
        names = dict(pool.map(upload, _rows(folder, "corpus")))
    store = client.vector_stores.create(name=folder.name)
    file_ids = list(names)
    for begin in range(0, len(file_ids), BATCH_FILES):
        batch = client.vector_stores.file_batches.create_and_poll(
            store.id, file_ids=file_ids[begin : begin + BATCH_FILES], poll_interval_ms=2000
        )
        if batch.file_counts.failed:
            raise RuntimeError(f"{batch.file_counts.failed} documents of {folder.name} could not be read")
    return store.id, names


def _relevance(folder: Path) -> Relevance:
    """What is relevant to each question, and how much: grades >= 1."""
    relevance: dict[str, dict[str, int]] = {}
    for line in _text(folder, "qrels.tsv").splitlines()[1:]:
        question, document, grade = line.split("\t")
        if int(grade) > 0:
            relevance.setdefault(question, {})[document] = int(grade)
    return relevance


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text(folder, f"{name}.jsonl").splitlines()]


def _text(folder: Path, name: str) -> str:
    packed = folder / f"{name}.gz"
    return gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (folder / name).read_text()
