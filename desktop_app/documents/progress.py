"""What is shown of files in vector stores: how far each is, and in words what went wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from desktop_app.documents.job import Stage
from desktop_app.store.database import Connection
from desktop_app.store.documents import PageOutcome, page_outcomes
from desktop_app.store.files import file_rows
from desktop_app.store.store_files import store_file_object
from desktop_app.wire.extensions import FileExtension

Progress = Callable[[str, str], tuple[Stage, float]]
"""`Ingestion.progress`: what is being done for a file in the queue, and 0..1 of it."""

_NAMED_PAGES = 5


def shown_files(connection: Connection, rows: Sequence[Mapping[str, Any]], progress: Progress) -> list[dict[str, Any]]:
    """The `vector_store.file` objects of these rows, with our extension."""
    ids = [row["file_id"] for row in rows]
    files, outcomes = file_rows(connection, ids), page_outcomes(connection, ids)
    return [
        store_file_object(row, _extension(row, files[row["file_id"]], outcomes.get(row["file_id"]), progress))
        for row in rows
    ]


def _extension(
    row: Mapping[str, Any], file: Mapping[str, Any], outcome: PageOutcome | None, progress: Progress
) -> FileExtension:
    extension = FileExtension(file_name=file["filename"], bytes=file["bytes"])
    if outcome is not None:
        extension.page_count = outcome.page_count
        extension.pages_without_text = list(outcome.without_text)
    match row["status"]:
        case "completed":
            extension.stage, extension.progress = "ready", 1.0
            extension.reason = _without_text(extension.pages_without_text)
        case "failed":
            extension.stage = "failed"
            extension.reason = row["last_error"]["message"] if row["last_error"] else ""
        case "cancelled":
            extension.stage = "cancelled"
        case _:
            extension.stage, extension.progress = progress(row["vector_store_id"], row["file_id"])
    return extension


def _without_text(pages: Sequence[int]) -> str:
    if not pages:
        return ""
    if len(pages) == 1:
        return f"Page {pages[0]} has no text."
    named = ", ".join(str(page) for page in pages[:_NAMED_PAGES])
    return f"{len(pages)} pages have no text: {named}{' …' if len(pages) > _NAMED_PAGES else ''}"
