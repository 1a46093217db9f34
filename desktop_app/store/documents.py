"""Rows of documents: the ingestion queue, pages, embeddings and chunks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.tables import (
    chunks,
    embeddings,
    files,
    index_changes,
    pages,
    vector_store_files,
)


@dataclass(frozen=True)
class QueuedFile:
    """A row of the queue with what reading needs to know of its file."""

    seq: int
    vector_store_id: str
    file_id: str
    file_name: str
    sha256: str
    chunking_strategy: dict[str, Any] | None
    attempts: int


@dataclass(frozen=True)
class PageRow:
    number: int
    label: str
    start: int
    text: str
    width: float
    height: float
    words: bytes | None
    blank: bool = False


@dataclass(frozen=True)
class PageOutcome:
    """How reading a file went: all its pages, and those without text that are not blank (numbers from 1)."""

    page_count: int
    without_text: tuple[int, ...]


def next_queued(connection: Connection, busy_file_ids: Collection[str]) -> QueuedFile | None:
    """The oldest file that waits and is not being worked on."""
    row = (
        connection.execute(
            sa.select(
                vector_store_files.c.seq,
                vector_store_files.c.vector_store_id,
                vector_store_files.c.file_id,
                files.c.filename.label("file_name"),
                files.c.sha256,
                vector_store_files.c.chunking_strategy,
                vector_store_files.c.attempts,
            )
            .join(files, files.c.id == vector_store_files.c.file_id)
            .where(
                vector_store_files.c.status == "in_progress",
                vector_store_files.c.file_id.not_in(busy_file_ids),
            )
            .order_by(vector_store_files.c.seq)
            .limit(1)
        )
        .mappings()
        .first()
    )
    return QueuedFile(**row) if row is not None else None


def count_attempt(connection: Connection, seq: int, change: int) -> None:
    connection.execute(
        vector_store_files.update()
        .where(vector_store_files.c.seq == seq)
        .values(attempts=vector_store_files.c.attempts + change)
    )


def is_queued(connection: Connection, seq: int) -> bool:
    """False when the file, its store or its place in the store is gone, or it was cancelled."""
    statement = sa.select(vector_store_files.c.status).where(vector_store_files.c.seq == seq)
    return connection.execute(statement).scalar() == "in_progress"


def queue_length(connection: Connection, vector_store_id: str) -> int:
    statement = sa.select(sa.func.count()).where(
        vector_store_files.c.vector_store_id == vector_store_id, vector_store_files.c.status == "in_progress"
    )
    return int(connection.execute(statement).scalar_one())


def mark_failed(connection: Connection, seq: int, code: str, message: str) -> None:
    connection.execute(
        vector_store_files.update()
        .where(vector_store_files.c.seq == seq, vector_store_files.c.status == "in_progress")
        .values(status="failed", last_error={"code": code, "message": message})
    )


def mark_completed(
    connection: Connection, file: QueuedFile, spans: Sequence[tuple[int, int]], usage_bytes: int
) -> None:
    """Replace the file's chunks in its store, make it searchable and take it from the queue."""
    pair = {"vector_store_id": file.vector_store_id, "file_id": file.file_id}
    connection.execute(
        chunks.delete().where(chunks.c.vector_store_id == file.vector_store_id, chunks.c.file_id == file.file_id)
    )
    connection.execute(chunks.insert(), [pair | {"start": start, "end": end} for start, end in spans])
    connection.execute(
        vector_store_files.update()
        .where(vector_store_files.c.seq == file.seq)
        .values(status="completed", last_error=None, usage_bytes=usage_bytes, attempts=0)
    )
    record_index_change(connection, file.vector_store_id, file.file_id)


def record_index_change(connection: Connection, vector_store_id: str, file_id: str) -> None:
    """Tell the search index to look at this pair again; only the newest row of a pair is kept."""
    pair = {"vector_store_id": vector_store_id, "file_id": file_id}
    connection.execute(
        index_changes.delete().where(
            index_changes.c.vector_store_id == vector_store_id, index_changes.c.file_id == file_id
        )
    )
    connection.execute(index_changes.insert().values(pair))


def replace_pages(connection: Connection, file_id: str, rows: Iterable[PageRow]) -> None:
    connection.execute(pages.delete().where(pages.c.file_id == file_id))
    connection.execute(pages.insert(), [{"file_id": file_id, **vars(row)} for row in rows])


def read_text(connection: Connection, file_id: str) -> str | None:
    """The document's text; None when the file was not read yet."""
    texts = connection.execute(_TEXTS, {"file_id": file_id}).scalars().all()
    return "\n".join(texts) if texts else None


def save_embeddings(connection: Connection, file_id: str, model: str, spans: bytes, vectors: bytes) -> None:
    key = {"file_id": file_id, "model": model}
    connection.execute(embeddings.delete().where(embeddings.c.file_id == file_id, embeddings.c.model == model))
    connection.execute(embeddings.insert().values(key | {"spans": spans, "vectors": vectors}))


def embeddings_bytes(connection: Connection, file_id: str, model: str) -> int | None:
    """The size of the file's vectors; None when there are none by this model."""
    statement = sa.select(sa.func.length(embeddings.c.vectors)).where(
        embeddings.c.file_id == file_id, embeddings.c.model == model
    )
    size = connection.execute(statement).scalar()
    return None if size is None else int(size)


def file_name(connection: Connection, file_id: str) -> str | None:
    return connection.execute(sa.select(files.c.filename).where(files.c.id == file_id)).scalar()


def page_outcomes(connection: Connection, file_ids: Collection[str]) -> Mapping[str, PageOutcome]:
    """How reading went, for those of the files that were read."""
    statement = (
        sa.select(pages.c.file_id, pages.c.number, sa.and_(pages.c.text == "", pages.c.blank == 0))
        .where(pages.c.file_id.in_(file_ids))
        .order_by(pages.c.file_id, pages.c.number)
    )
    counts: dict[str, int] = {}
    empty: dict[str, list[int]] = {}
    for file_id, number, is_empty in connection.execute(statement):
        counts[file_id] = counts.get(file_id, 0) + 1
        if is_empty:
            empty.setdefault(file_id, []).append(number)
    return {file_id: PageOutcome(count, tuple(empty.get(file_id, ()))) for file_id, count in counts.items()}


def read_page(connection: Connection, file_id: str, number: int) -> PageRow | None:
    row = connection.execute(_page_columns(file_id).where(pages.c.number == number)).mappings().first()
    return PageRow(**row) if row is not None else None


def pages_between(connection: Connection, file_id: str, start: int, end: int) -> list[PageRow]:
    """The pages that hold the document's characters from `start` to `end`, in order."""
    first = sa.select(sa.func.max(pages.c.number)).where(pages.c.file_id == file_id, pages.c.start <= start)
    statement = (
        _page_columns(file_id)
        .where(pages.c.number >= sa.func.coalesce(first.scalar_subquery(), 1), pages.c.start < end)
        .order_by(pages.c.number)
    )
    return [PageRow(**row) for row in connection.execute(statement).mappings()]


def page_count(connection: Connection, file_id: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).where(pages.c.file_id == file_id)).scalar_one())


def _page_columns(file_id: str) -> sa.Select[Any]:
    return sa.select(*(pages.c[name] for name in PageRow.__dataclass_fields__)).where(pages.c.file_id == file_id)


# Made once: putting it together takes longer than running it, and the search index runs it for every file.
_TEXTS = sa.select(pages.c.text).where(pages.c.file_id == sa.bindparam("file_id")).order_by(pages.c.number)
