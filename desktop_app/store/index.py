"""Rows that the search index is made from, and those that its results are joined back to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.documents import read_text
from desktop_app.store.tables import (
    chunks,
    embeddings,
    files,
    index_changes,
    pages,
    vector_store_files,
    vector_stores,
)


@dataclass(frozen=True)
class FileRows:
    """A searchable file: its text, its chunks as (id, start, end), and its embedding (tables.py), if it has one."""

    file_name: str
    text: str
    chunks: Sequence[tuple[int, int, int]]
    spans: bytes
    vectors: bytes


@dataclass(frozen=True)
class ChunkRow:
    """A chunk that may be shown."""

    chunk: int
    vector_store_id: str
    file_id: str
    file_name: str
    start: int
    end: int
    text: str
    attributes: dict[str, Any]


def last_change(connection: Connection, vector_store_id: str) -> int:
    """The number of the store's newest change; 0 when there was none."""
    statement = sa.select(sa.func.max(index_changes.c.seq)).where(index_changes.c.vector_store_id == vector_store_id)
    return connection.execute(statement).scalar() or 0


def changed_files(connection: Connection, vector_store_id: str, since: int) -> list[str]:
    """Files that became searchable, changed or went since the change `since`, oldest first; since 0: all there are."""
    statement = (
        sa.select(index_changes.c.file_id)
        .where(index_changes.c.vector_store_id == vector_store_id, index_changes.c.seq > since)
        .order_by(index_changes.c.seq)
    )
    return list(connection.execute(statement).scalars())


def file_rows(connection: Connection, vector_store_id: str, file_id: str, model: str) -> FileRows | None:
    """What the index takes in of a file; None when it is not searchable in this store."""
    asked = {"vector_store_id": vector_store_id, "file_id": file_id, "model": model}
    name = connection.execute(_NAME, asked).scalar()
    if name is None:
        return None
    spans = [tuple(row) for row in connection.execute(_SPANS, asked)]
    embedding = connection.execute(_EMBEDDING, asked).first()
    return FileRows(name, read_text(connection, file_id) or "", spans, *(embedding or (b"", b"")))


def file_attributes(connection: Connection, vector_store_id: str) -> Mapping[str, dict[str, Any]]:
    """The attributes of every searchable file of the store, by file id."""
    statement = sa.select(vector_store_files.c.file_id, vector_store_files.c.attributes).where(
        vector_store_files.c.vector_store_id == vector_store_id, vector_store_files.c.status == "completed"
    )
    return {file_id: attributes or {} for file_id, attributes in connection.execute(statement)}


def existing_chunks(connection: Connection, chunk_ids: Collection[int], now: int) -> dict[int, ChunkRow]:
    """Those of the chunks that are searchable now, with their text, by id. At most some hundred at once."""
    found: dict[int, ChunkRow] = {}
    for row in connection.execute(_CHUNKS, {"chunk_ids": list(chunk_ids), "now": now}).mappings():
        values = dict(row)
        if values.pop("status") != "completed":  # asked in SQL, this would lead SQLite to the wrong index
            continue
        known = found.get(values["chunk"])
        text = values["text"] if known is None else f"{known.text}\n{values['text']}"
        found[values["chunk"]] = ChunkRow(**values | {"text": text, "attributes": values["attributes"] or {}})
    return found


def all_stores(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(vector_stores.c.id)).scalars())


def _chunk_pages() -> sa.Select[Any]:
    """A row for every page that a chunk stands on, with the chunk's text on it."""
    others = pages.alias()
    first_page = sa.select(sa.func.max(others.c.number)).where(
        others.c.file_id == chunks.c.file_id, others.c.start <= chunks.c.start
    )
    local_start = sa.func.max(chunks.c.start - pages.c.start, 0)
    return (
        sa.select(
            chunks.c.seq.label("chunk"),
            chunks.c.vector_store_id,
            chunks.c.file_id,
            files.c.filename.label("file_name"),
            chunks.c.start,
            chunks.c.end,
            vector_store_files.c.status,
            vector_store_files.c.attributes,
            sa.func.substr(pages.c.text, local_start + 1, chunks.c.end - pages.c.start - local_start).label("text"),
        )
        .join(files, files.c.id == chunks.c.file_id)
        .join(
            vector_store_files,
            (vector_store_files.c.file_id == chunks.c.file_id)
            & (vector_store_files.c.vector_store_id == chunks.c.vector_store_id),
        )
        .join(pages, pages.c.file_id == chunks.c.file_id)
        .where(
            chunks.c.seq.in_(sa.bindparam("chunk_ids", expanding=True)),
            sa.or_(files.c.expires_at.is_(None), files.c.expires_at > sa.bindparam("now")),
            pages.c.number >= first_page.scalar_subquery(),
            pages.c.start < chunks.c.end,
        )
        .order_by(chunks.c.seq, pages.c.number)
    )


# Made once: putting a statement together costs more than running it.
_CHUNKS = _chunk_pages()
_OF_FILE: sa.BindParameter[str] = sa.bindparam("file_id")
_OF_STORE: sa.BindParameter[str] = sa.bindparam("vector_store_id")
_NAME = (
    sa.select(files.c.filename)
    .join(vector_store_files, vector_store_files.c.file_id == files.c.id)
    .where(
        files.c.id == _OF_FILE,
        vector_store_files.c.vector_store_id == _OF_STORE,
        vector_store_files.c.status == "completed",
    )
)
_SPANS = (
    sa.select(chunks.c.seq, chunks.c.start, chunks.c.end)
    .where(chunks.c.vector_store_id == _OF_STORE, chunks.c.file_id == _OF_FILE)
    .order_by(chunks.c.start)
)
_EMBEDDING = sa.select(embeddings.c.spans, embeddings.c.vectors).where(
    embeddings.c.file_id == _OF_FILE, embeddings.c.model == sa.bindparam("model")
)
