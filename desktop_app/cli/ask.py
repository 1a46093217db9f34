"""`deskside ask`: one question over files or folders, answered in the terminal by a service of its own."""

import argparse
import asyncio
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.client import ClientError, Connection, LocalService
from desktop_app.client.errors import readable_errors
from desktop_app.client.extensions import extension_of
from desktop_app.client.gather import gather
from desktop_app.settings import paths
from desktop_app.wire.answers import NOT_FOUND, READER_MODEL
from desktop_app.wire.extensions import Citation

ANSWERED, FAILED, USAGE, NOT_IN_DOCUMENTS = 0, 1, 2, 4
_POLL_S = 0.2
_ESCAPE = re.compile(r"\\(?=[`~\[［【])|(?<=\d)\\(?=[.)])")
"""How the reader keeps Markdown from taking a quote's own words for code, a list or a mark."""


class AskError(Exception):
    """The question could not be put; the message is for the person, `code` the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Answer:
    """The text with markers `[1]`, and what they stand for."""

    text: str = ""
    citations: list[Citation] = field(default_factory=list)

    @property
    def found(self) -> bool:
        return self.text.strip() != NOT_FOUND


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument(
        "--file",
        action="append",
        type=Path,
        default=[],
        metavar="F",
        help="a file or folder to answer from; may be given several times. Without it: the documents of your library",
    )
    parser.add_argument("--model", help="the model that answers; default: the provider's first, else the reader")
    parser.add_argument("--json", action="store_true", help="print one JSON object {answer, citations} at the end")


def run(arguments: argparse.Namespace) -> int:
    """0 answered, 4 not found in the documents, 2 bad usage, 1 error."""
    try:
        if not arguments.question.strip():
            raise AskError("The question is empty.", USAGE)
        answer = asyncio.run(_ask(arguments))
    except KeyboardInterrupt:
        return 130
    except AskError as error:
        print(f"deskside ask: {error}", file=sys.stderr)
        return error.code
    except ClientError as error:
        print(f"deskside ask: {error}", file=sys.stderr)
        return FAILED
    if arguments.json:
        print(json.dumps({"answer": answer.text, "citations": [_plain(each) for each in answer.citations]}))
    else:
        print()
        for number, citation in enumerate(answer.citations, 1):
            print(f"[{number}] {_line(citation)}")
    return ANSWERED if answer.found else NOT_IN_DOCUMENTS


async def _ask(arguments: argparse.Namespace) -> Answer:
    if not arguments.file:
        return await _ask_service(paths.default_data_dir(), arguments)
    with tempfile.TemporaryDirectory(prefix="deskside-ask-", ignore_cleanup_errors=True) as folder:
        return await _ask_service(Path(folder), arguments)


async def _ask_service(data_dir: Path, arguments: argparse.Namespace) -> Answer:
    service = LocalService(data_dir)
    connection = await service.start()
    try:
        with readable_errors():
            assistant = await (
                _assistant_for(connection, arguments.file, arguments.model) if arguments.file else _newest(connection)
            )
            return await _stream(connection, assistant, arguments.question, echo=not arguments.json)
    finally:
        await connection.close()
        await service.stop()


async def _assistant_for(connection: Connection, named: list[Path], model: str | None) -> str:
    """An assistant over the named files, when at least one of them could be read."""
    openai, files = connection.openai, []
    for found in gather(named):
        if found.problem:
            print(f"{found.path}: {found.problem}", file=sys.stderr)
        else:
            files.append(await openai.files.create(file=found.path, purpose="assistants"))
    if not files:
        raise AskError("None of these files can be read.", USAGE)
    store = await openai.vector_stores.create(name="ask", file_ids=[file.id for file in files])
    while waiting := store.file_counts.in_progress:
        _show_progress(f"Reading documents: {store.file_counts.total - waiting} of {store.file_counts.total}")
        await asyncio.sleep(_POLL_S)
        store = await openai.vector_stores.retrieve(store.id)
    _show_progress("")
    names = {file.id: file.filename for file in files}
    async for entry in openai.vector_stores.files.list(store.id, filter="failed"):
        reason = entry.last_error.message if entry.last_error else "It could not be read."
        print(f"{names[entry.id]}: {reason}", file=sys.stderr)
    if not store.file_counts.completed:
        raise AskError("None of these files can be read.", USAGE)
    assistant = await connection.assistants.create(
        model=model or await _first_model(connection),
        name="ask",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    )
    return assistant.id


def _show_progress(text: str) -> None:
    """One line that is written over, where a person looks on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


async def _newest(connection: Connection) -> str:
    async for assistant in connection.assistants.list(order="desc"):
        search = assistant.tool_resources and assistant.tool_resources.file_search
        if search and search.vector_store_ids:
            return assistant.id
    raise AskError("Your library has no documents yet. Name some with --file.", USAGE)


async def _first_model(connection: Connection) -> str:
    """The provider's first model; the reader where there is none. A provider need not list its models."""
    from openai import APIStatusError

    try:
        names = [model.id async for model in connection.openai.models.list()]
    except APIStatusError:
        return "default"
    return next((name for name in names if name != READER_MODEL), READER_MODEL)


async def _stream(connection: Connection, assistant: str, question: str, *, echo: bool) -> Answer:
    threads = connection.threads
    thread = await threads.create(messages=[{"role": "user", "content": question}])
    writer = _Writer(echo)
    async with await threads.runs.create(thread_id=thread.id, assistant_id=assistant, stream=True) as events:
        async for event in events:
            if event.event == "thread.run.in_progress":
                writer.quotes = extension_of(event.data).answered_by == "reader"
            elif event.event == "thread.message.delta":
                for part in event.data.delta.content or []:
                    if part.type == "text" and part.text is not None:
                        writer.feed(part.text.value or "", part.text.annotations or [])
            elif event.event in ("thread.run.failed", "thread.run.expired", "thread.run.incomplete"):
                run = event.data
                raise AskError(run.last_error.message if run.last_error else f"The answer ended as {run.status}.")
    return writer.finish()


class _Writer:
    """Turns the protocol's marks into numbers as the text streams in: one number per cited place.

    A mark and its annotation may come in different events; what follows an unexplained mark waits for it.
    """

    def __init__(self, echo: bool) -> None:
        self._echo = echo
        self.quotes = False
        """Whether the reader answers: its escapes are for Markdown, and the terminal shows none."""
        self._received = ""
        self._done = 0
        self._marks: list[Any] = []
        self._answer = Answer()

    def feed(self, text: str, annotations: list[Any]) -> None:
        self._received += text
        self._marks += [mark for mark in annotations if mark.type == "file_citation"]
        while self._marks and self._marks[0].end_index <= len(self._received):
            mark = self._marks.pop(0)
            self._write(self._received[self._done : mark.start_index] + f"[{self._number(mark)}]")
            self._done = mark.end_index
        waiting = self._received.find("【", self._done)
        self._plain_text_until(len(self._received) if waiting < 0 else waiting)

    def finish(self) -> Answer:
        self._plain_text_until(len(self._received))
        if self._echo:
            print()
        return self._answer

    def _plain_text_until(self, end: int) -> None:
        self._write(self._received[self._done : end])
        self._done = max(self._done, end)

    def _write(self, text: str) -> None:
        self._answer.text += text
        if self._echo:
            print(_ESCAPE.sub("", text) if self.quotes else text, end="", flush=True)

    def _number(self, mark: Any) -> int:
        citation = Citation.model_validate(mark.file_citation, from_attributes=True)
        if citation not in self._answer.citations:
            self._answer.citations.append(citation)
        return self._answer.citations.index(citation) + 1


def _line(citation: Citation) -> str:
    where = f", {citation.page_label}" if citation.page_label else ""
    return f'{citation.file_name}{where}: "{" ".join(citation.quote.split())}"'


def _plain(citation: Citation) -> dict[str, Any]:
    return {
        "file": citation.file_name,
        "page": citation.page,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }
