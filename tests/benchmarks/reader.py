"""The reader end to end: real documents uploaded, questions asked over the HTTP API, the answers' quotes checked.

`reader_questions.json` is measured: it was written blind, from the documents alone and without running the reader.
The reader's weights were fitted on `reader_development.json`: other questions about other documents.
`python -m tests.benchmarks.reader [reader_development]` prints each failure as well.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai

from desktop_app.models.reader import NEEDS_MODEL
from desktop_app.wire.answers import NOT_FOUND
from tests.benchmarks.reader_documents import Question, QuestionSet, load, plain
from tests.support.service_process import ServiceProcess


@dataclass(frozen=True)
class Outcome:
    question: Question
    answer: str
    kind: str
    """Of an answerable question: right, wrong, refused; of an unanswerable one: refused, invented."""

    right_page: bool
    first_text_s: float


def run() -> Iterator[tuple[str, str, str]]:
    questions = load("reader_questions")
    for reason in questions.missing:
        print(f"reader: left out {reason}", file=sys.stderr)
    if questions.questions:
        yield from _rows(measure(questions))


def measure(questions: QuestionSet) -> list[Outcome]:
    """Each question in a thread of its own, over one store with all documents of the set."""
    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(Path(folder) / "data", {"DESKSIDE_PROVIDER_URL": ""})
        service.start()
        try:
            with openai.OpenAI(base_url=service.base_url, api_key=service.api_key, timeout=600) as client:
                return list(_ask_all(client, questions))
        finally:
            service.stop()


def upload(client: openai.OpenAI, questions: QuestionSet) -> tuple[str, dict[str, str]]:
    """The id of a store with all documents, and the file id of each document."""
    files = {path.name: client.files.create(file=path, purpose="assistants").id for path in questions.files}
    store = client.vector_stores.create(name="reader")
    batch = client.vector_stores.file_batches.create_and_poll(
        store.id, file_ids=list(files.values()), poll_interval_ms=500
    )
    if batch.file_counts.failed:
        raise RuntimeError(f"{batch.file_counts.failed} documents could not be read")
    return store.id, files


def _ask_all(client: openai.OpenAI, questions: QuestionSet) -> Iterator[Outcome]:
    store_id, files = upload(client, questions)
    assistant = client.beta.assistants.create(
        model="deskside-reader",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store_id]}},
    )
    for question in questions.questions:
        yield _ask(client, assistant.id, files[question.document], question)


def _ask(client: openai.OpenAI, assistant_id: str, file_id: str, question: Question) -> Outcome:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question.question}])
    begin, first = time.perf_counter(), 0.0
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant_id) as stream:
        for event in stream:
            if event.event == "thread.message.delta" and not first:
                first = time.perf_counter() - begin
    message: Any = client.beta.threads.messages.list(thread.id, order="desc", limit=1).data[0].content[0]
    answer = message.text.value
    citations = [mark.file_citation for mark in message.text.annotations if mark.type == "file_citation"]
    if answer in (NOT_FOUND, NEEDS_MODEL):
        return Outcome(question, answer, "refused", False, first)
    if not question.answers:
        return Outcome(question, answer, "invented", False, first)
    said = answer
    for mark in message.text.annotations:
        said = said.replace(mark.text, "")
    right = any(plain(quote) in plain(said) for quote in question.answers)
    pages = {each.page or 1 for each in citations if each.file_id == file_id}
    right_page = any(_says(client, file_id, page, question) for page in pages)
    return Outcome(question, answer, "right" if right else "wrong", right_page, first)


def _says(client: openai.OpenAI, file_id: str, page: int, question: Question) -> bool:
    """Whether an accepted quote stands on a page (or, begun there, goes over its end)."""
    text = plain(client.get(f"/deskside/files/{file_id}/pages/{page}", cast_to=dict[str, Any])["text"])
    return any(plain(quote) in text for quote in question.answers)


def _rows(outcomes: list[Outcome]) -> Iterator[tuple[str, str, str]]:
    answerable = [each for each in outcomes if each.question.answers]
    unanswerable = [each for each in outcomes if not each.question.answers]
    kinds = Counter(each.kind for each in answerable)
    right = [each for each in answerable if each.kind == "right"]
    yield "reader, right sentence quoted", _share(kinds["right"], len(answerable)), ">= 85 %"
    yield "reader, wrongly refused", _share(kinds["refused"], len(answerable)), "<= 10 %"
    yield "reader, something else quoted", _share(kinds["wrong"], len(answerable)), ""
    refused = sum(each.kind == "refused" for each in unanswerable)
    yield "reader, refused when unanswerable", _share(refused, len(unanswerable)), ">= 95 %"
    yield "reader, right page cited when right", _share(sum(each.right_page for each in right), len(right)), ">= 99 %"
    times = [each.first_text_s for each in outcomes if each.first_text_s]
    yield "reader, question to first text over HTTP, wall p50", f"{statistics.median(times) * 1e3:.0f} ms", ""


def _share(part: int, whole: int) -> str:
    return f"{part / max(whole, 1):.0%} ({part} of {whole})"


def main() -> None:
    outcomes = measure(load(sys.argv[1] if len(sys.argv) > 1 else "reader_questions"))
    for each in outcomes:
        if each.kind in ("wrong", "invented") or (each.kind == "refused" and each.question.answers):
            print(f"{each.kind}: {each.question.document}: {each.question.question}\n    {each.answer[:200]!r}")
    for row in _rows(outcomes):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
