"""Messages as a run sees them: the history it reads and the answer it writes."""

from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.messages import insert_message
from desktop_app.store.tables import messages
from desktop_app.wire.ids import MESSAGE, new_id

_HISTORY = (
    sa.select(messages.c.role, messages.c.content, messages.c.run_id, messages.c.status)
    .where(
        messages.c.thread_id == sa.bindparam("thread"),
        messages.c.run_id.is_distinct_from(sa.bindparam("run")),
    )
    .order_by(messages.c.seq.desc())
)
_COUNT = sa.select(sa.func.count()).select_from(messages).where(messages.c.thread_id == sa.bindparam("thread"))
_OPEN = sa.select(messages).where(messages.c.run_id == sa.bindparam("run"), messages.c.status == "in_progress")
_UPDATE = messages.update().where(messages.c.id == sa.bindparam("message")).returning(messages)
_WRITE_CONTENT = messages.update().where(messages.c.id == sa.bindparam("message"), messages.c.status == "in_progress")


def history(connection: Connection, run: dict[str, Any], newest: int | None = None) -> list[dict[str, Any]]:
    """The thread's messages before this run in order, or the `newest` of them; role, content, run_id and status."""
    statement = _HISTORY if newest is None else _HISTORY.limit(newest)
    rows = connection.execute(statement, {"thread": run["thread_id"], "run": run["id"]}).mappings()
    return [dict(row) for row in reversed(rows.all())]


def count_messages(connection: Connection, thread_id: str) -> int:
    return int(connection.execute(_COUNT, {"thread": thread_id}).scalar_one())


def insert_answer(connection: Connection, run: dict[str, Any], now: int) -> dict[str, Any]:
    """A new empty message, in progress; answers its row."""
    values = {
        "id": new_id(MESSAGE),
        "created_at": now,
        "thread_id": run["thread_id"],
        "role": "assistant",
        "status": "in_progress",
        "content": [],
        "attachments": [],
        "metadata": {},
        "assistant_id": run["assistant_id"],
        "run_id": run["id"],
    }
    return insert_message(connection, values)


def write_content(connection: Connection, message_id: str, content: list[dict[str, Any]]) -> None:
    """The answer so far; a message that is ended or gone stays as it is."""
    connection.execute(_WRITE_CONTENT, {"message": message_id, "content": content})


def answers(connection: Connection, run_id: str) -> dict[str, dict[str, Any]]:
    """The rows of the messages that a run has written, by their ids."""
    rows = connection.execute(sa.select(messages).where(messages.c.run_id == run_id)).mappings()
    return {row["id"]: dict(row) for row in rows}


def open_answers(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The messages that the run has not ended."""
    return [dict(row) for row in connection.execute(_OPEN, {"run": run_id}).mappings()]


def update_answer(connection: Connection, message_id: str, **values: Any) -> dict[str, Any] | None:
    """Change a message; answers its row, None when it is gone."""
    row = connection.execute(_UPDATE, {"message": message_id, **values}).mappings().first()
    return None if row is None else dict(row)
