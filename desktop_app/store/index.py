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
    name = connection.execute(
        sa.select(files.c.filename)
        .join(vector_store_files, vector_store_files.c.file_id == files.c.id)
        .where(files.c.id == file_id, *_searchable(vector_store_id))
    ).scalar()
    if name is None:
        return None
    spans = connection.execute(
        sa.select(chunks.c.seq, chunks.c.start, chunks.c.end)
        .where(chunks.c.vector_store_id == vector_store_id, chunks.c.file_id == file_id)
        .order_by(chunks.c.start)
    ).tuples()
    embedding = connection.execute(
        sa.select(embeddings.c.spans, embeddings.c.vectors).where(
            embeddings.c.file_id == file_id, embeddings.c.model == model
        )
    ).first()
    text = read_text(connection, file_id) or ""
    return FileRows(name, text, list(spans), *(embedding or (b"", b"")))


def file_attributes(connection: Connection, vector_store_id: str) -> Mapping[str, dict[str, Any]]:
    """The attributes of every searchable file of the store, by file id."""
    statement = sa.select(vector_store_files.c.file_id, vector_store_files.c.attributes).where(
        *_searchable(vector_store_id)
    )
    return {file_id: attributes or {} for file_id, attributes in connection.execute(statement)}


def existing_chunks(connection: Connection, chunk_ids: Collection[int], now: int) -> dict[int, ChunkRow]:
    """Those of the chunks that are searchable now, with their text, by id. At most some hundred at once."""
    statement = (
        sa.select(
            chunks.c.seq.label("chunk"),
            chunks.c.vector_store_id,
            chunks.c.file_id,
            files.c.filename.label("file_name"),
            chunks.c.start,
            chunks.c.end,
            vector_store_files.c.attributes,
        )
        .join(files, files.c.id == chunks.c.file_id)
        .join(
            vector_store_files,
            (vector_store_files.c.file_id == chunks.c.file_id)
            & (vector_store_files.c.vector_store_id == chunks.c.vector_store_id),
        )
        .where(
            chunks.c.seq.in_(chunk_ids),
            vector_store_files.c.status == "completed",
            sa.or_(files.c.expires_at.is_(None), files.c.expires_at > now),
        )
    )
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    texts = _texts(connection, [row["chunk"] for row in rows])
    return {
        row["chunk"]: ChunkRow(**row | {"attributes": row["attributes"] or {}, "text": texts.get(row["chunk"], "")})
        for row in rows
    }


def all_stores(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(vector_stores.c.id)).scalars())


def _searchable(vector_store_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return vector_store_files.c.vector_store_id == vector_store_id, vector_store_files.c.status == "completed"


def _texts(connection: Connection, chunk_ids: Collection[int]) -> dict[int, str]:
    """The text of each chunk, cut from the pages it stands on."""
    local_start = sa.func.max(chunks.c.start - pages.c.start, 0)
    statement = (
        sa.select(
            chunks.c.seq,
            sa.func.substr(pages.c.text, local_start + 1, chunks.c.end - pages.c.start - local_start),
        )
        .join(pages, pages.c.file_id == chunks.c.file_id)
        .where(
            chunks.c.seq.in_(chunk_ids),
            pages.c.start < chunks.c.end,
            pages.c.start + sa.func.length(pages.c.text) >= chunks.c.start,
        )
        .order_by(chunks.c.seq, pages.c.number)
    )
    parts: dict[int, list[str]] = {}
    for chunk, part in connection.execute(statement):
        parts.setdefault(chunk, []).append(part)
    return {chunk: "\n".join(texts) for chunk, texts in parts.items()}
