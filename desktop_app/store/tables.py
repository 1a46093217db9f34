"""The tables. One row is one protocol object or one part of a document.

`seq` grows with every insert and orders objects that share a second; `id` is the protocol's id. Times are
integer Unix seconds. JSON columns hold the protocol's own shapes. What hangs on a parent goes with it.
"""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _object(name: str, *columns: Column[object] | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("seq", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
        Column("created_at", Integer, nullable=False),
        *columns,
        sqlite_autoincrement=True,
    )


def _json(name: str) -> Column[object]:
    return Column(name, JSON(none_as_null=True))


def _parent(name: str, target: str, *, index: bool = True, primary_key: bool = False) -> Column[object]:
    return Column(
        name,
        String,
        ForeignKey(f"{target}.id", ondelete="CASCADE"),
        nullable=False,
        index=index and not primary_key,
        primary_key=primary_key,
    )


assistants = _object(
    "assistants",
    Column("name", String),
    Column("description", String),
    Column("model", String, nullable=False),
    Column("instructions", Text),
    _json("tools"),
    _json("tool_resources"),
    _json("metadata"),
    Column("temperature", Float),
    Column("top_p", Float),
    Column("reasoning_effort", String),
    _json("response_format"),
)

threads = _object(
    "threads",
    _json("tool_resources"),
    _json("metadata"),
    Column("title", String, nullable=False, server_default=""),
    Column("last_active_at", Integer, nullable=False),
)

messages = _object(
    "messages",
    _parent("thread_id", "threads"),
    Column("role", String, nullable=False),
    Column("status", String, nullable=False),
    _json("content"),
    _json("attachments"),
    _json("metadata"),
    Column("assistant_id", String),
    Column("run_id", String, index=True),
    Column("completed_at", Integer),
    Column("incomplete_at", Integer),
    _json("incomplete_details"),
)

ACTIVE_RUN = "status IN ('queued', 'in_progress', 'requires_action', 'cancelling')"

runs = _object(
    "runs",
    _parent("thread_id", "threads", index=False),
    Column("assistant_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("model", String, nullable=False),
    Column("instructions", Text, nullable=False, server_default=""),
    _json("tools"),
    _json("metadata"),
    Column("temperature", Float),
    Column("top_p", Float),
    Column("reasoning_effort", String),
    _json("response_format"),
    _json("tool_choice"),
    Column("parallel_tool_calls", Integer, nullable=False, server_default="1"),
    _json("truncation_strategy"),
    Column("max_prompt_tokens", Integer),
    Column("max_completion_tokens", Integer),
    _json("required_action"),
    _json("last_error"),
    _json("incomplete_details"),
    _json("usage"),
    Column("expires_at", Integer),
    Column("started_at", Integer),
    Column("completed_at", Integer),
    Column("failed_at", Integer),
    Column("cancelled_at", Integer),
    Column("answered_by", String, nullable=False, server_default=""),
    _json("answer_source"),
    Index("ix_runs_thread_id", "thread_id"),
    # The thread's lock: of two runs racing on one thread, the database lets one in.
    Index("uq_runs_active_thread", "thread_id", unique=True, sqlite_where=text(ACTIVE_RUN)),
)

run_steps = _object(
    "run_steps",
    _parent("run_id", "runs"),
    _parent("thread_id", "threads"),
    Column("assistant_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("status", String, nullable=False),
    _json("step_details"),
    Column("reasoning", Text, nullable=False, server_default=""),
    _json("thoughts"),  # of the model, as its provider wants to see them again
    _json("last_error"),
    _json("usage"),
    _json("metadata"),
    Column("expired_at", Integer),
    Column("cancelled_at", Integer),
    Column("failed_at", Integer),
    Column("completed_at", Integer),
)

files = _object(
    "files",
    Column("filename", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False, index=True),
    Column("expires_at", Integer),
)

uploads = _object(
    "uploads",
    Column("filename", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("bytes", Integer, nullable=False),  # as announced
    Column("status", String, nullable=False),  # pending, also when its time is over; completed; cancelled
    Column("expires_at", Integer, nullable=False),
    Column("lifetime_s", Integer),  # of the file that it becomes
    Column("file_id", String, ForeignKey("files.id", ondelete="CASCADE"), index=True),
)

upload_parts = _object(
    "upload_parts",
    _parent("upload_id", "uploads"),
    Column("sha256", String, nullable=False, index=True),
)

pages = Table(
    "pages",
    metadata,
    _parent("file_id", "files", primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1
    Column("label", String, nullable=False),  # "page 4", "slide 2", "sheet Prices"; "" without pages
    Column("start", Integer, nullable=False),  # offset of this page in the document's text, code points
    Column("text", Text, nullable=False),
    Column("width", Float, nullable=False),  # points; 0 without layout
    Column("height", Float, nullable=False),
    Column("words", LargeBinary),  # boxes of words, documents/layout.py
    Column("blank", Integer, nullable=False, server_default="0"),  # 1: nothing to be seen on it, no picture either
)
"""The document's text is its pages' texts joined by one line feed each; every offset counts code points."""

embeddings = Table(
    "embeddings",
    metadata,
    _parent("file_id", "files", primary_key=True),
    Column("model", String, primary_key=True),  # embedder and its quantisation; never mixed in one index
    Column("spans", LargeBinary, nullable=False),  # int32 [windows, 2]: start, end in the document's text
    Column("vectors", LargeBinary, nullable=False),  # int8 [windows, dimensions]
)

vector_stores = _object(
    "vector_stores",
    Column("name", String),
    Column("description", String),
    _json("metadata"),
    _json("expires_after"),
    Column("expires_at", Integer),
    Column("last_active_at", Integer, nullable=False),
)

vector_store_files = Table(
    "vector_store_files",
    metadata,
    Column("seq", Integer, primary_key=True),
    _parent("vector_store_id", "vector_stores", index=False),
    _parent("file_id", "files"),
    Column("created_at", Integer, nullable=False),
    Column("status", String, nullable=False),  # in_progress: it stands in the ingestion queue
    _json("last_error"),
    _json("attributes"),
    _json("chunking_strategy"),
    Column("usage_bytes", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("uq_vector_store_files_pair", "vector_store_id", "file_id", unique=True),
    Index("ix_vector_store_files_status", "status"),
    sqlite_autoincrement=True,
)

file_batches = _object(
    "file_batches",
    _parent("vector_store_id", "vector_stores"),
    Column("cancelled", Integer, nullable=False, server_default="0"),
)

file_batch_files = Table(
    "file_batch_files",
    metadata,
    _parent("batch_id", "file_batches", primary_key=True),
    _parent("file_id", "files", primary_key=True),
)

chunks = Table(
    "chunks",
    metadata,
    Column("seq", Integer, primary_key=True),
    _parent("vector_store_id", "vector_stores", index=False),
    _parent("file_id", "files"),
    Column("start", Integer, nullable=False),  # in the document's text, code points
    Column("end", Integer, nullable=False),
    Index("ix_chunks_store_file", "vector_store_id", "file_id"),
    sqlite_autoincrement=True,
)

index_changes = Table(
    "index_changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("vector_store_id", String, nullable=False),
    Column("file_id", String, nullable=False),
    Index("ix_index_changes_store", "vector_store_id", "seq"),
    sqlite_autoincrement=True,
)
"""Written in the transaction that makes a file searchable or removes it; the search index replays from here."""

code_files = Table(
    "code_files",
    metadata,
    Column("seq", Integer, primary_key=True),
    _parent("thread_id", "threads"),
    _parent("file_id", "files"),
    Column("name", String, nullable=False),  # below /mnt/data/; of files with one name the newest counts
    sqlite_autoincrement=True,
)
"""What code has written in the sessions of a thread."""

usage_events = Table(
    "usage_events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("created_at", Integer, nullable=False),
    Column("kind", String, nullable=False),  # code_session: one was begun
    Column("thread_id", String, nullable=False),
    Column("run_id", String),  # null: the person ran the code
    Index("ix_usage_events_created_at", "created_at"),
    sqlite_autoincrement=True,
)
"""What costs count besides tokens: only added to, in the transaction that keeps what was used. Outlives the thread."""

facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    _json("value"),
)
"""Small facts about this library, such as that its samples were made once."""
