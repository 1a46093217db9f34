"""Puts searchable files into a library as ingestion does, but without reading real ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from desktop_app.documents import chunking
from desktop_app.documents.stores import remove_file
from desktop_app.store.documents import (
    PageRow,
    QueuedFile,
    mark_completed,
    record_index_change,
    replace_pages,
    save_embeddings,
)
from desktop_app.store.tables import files, vector_store_files
from tests.unit.documents.conftest import HashEmbedder, Library

EMBEDDER = HashEmbedder()


def add_searchable(
    library: Library,
    name: str,
    pages: str | Sequence[str],
    store_id: str = "vs_1",
    attributes: Mapping[str, Any] | None = None,
    chunk_tokens: int = 800,
) -> str:
    """Answers the file's id."""
    texts = [pages] if isinstance(pages, str) else list(pages)
    text = "\n".join(texts)
    starts = np.cumsum([0, *(len(page) + 1 for page in texts)]).tolist()
    file_id = library.add_file(name, text.encode())
    offsets = chunking.bounded(EMBEDDER.tokens(text))
    windows = chunking.windows(text, offsets, name, EMBEDDER.tokens)
    header = chunking.header(name)
    vectors = EMBEDDER.quantise(EMBEDDER.embed([header + text[start:end] for start, end in windows.tolist()]))
    row = {"vector_store_id": store_id, "file_id": file_id, "created_at": 1, "attributes": attributes}
    with library.database.write() as connection:
        rows = [PageRow(number, "", starts[number - 1], page, 0, 0, None) for number, page in enumerate(texts, 1)]
        replace_pages(connection, file_id, rows)
        save_embeddings(connection, file_id, EMBEDDER.model_id, windows.astype("<i4").tobytes(), vectors.tobytes())
        seq = connection.execute(
            vector_store_files.insert().values(row | {"status": "in_progress"})
        ).inserted_primary_key
        assert seq is not None
        file = QueuedFile(seq[0], store_id, file_id, name, "", None, 0)
        spans = chunking.chunks(text, offsets, chunk_tokens, chunk_tokens // 2)
        mark_completed(connection, file, spans.tolist(), len(text))
    return file_id


def take_out(library: Library, file_id: str, store_id: str = "vs_1") -> None:
    """Remove a file from a store."""
    with library.database.write() as connection:
        remove_file(connection, store_id, file_id)


def delete(library: Library, file_id: str, store_id: str = "vs_1") -> None:
    """Delete a file with all that hangs on it."""
    with library.database.write() as connection:
        record_index_change(connection, store_id, file_id)
        connection.execute(files.delete().where(files.c.id == file_id))
