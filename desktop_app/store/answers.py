"""Messages as a run sees them: the history it reads and the answer it writes."""

from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.messages import insert_message
from desktop_app.store.tables import messages
from desktop_app.wire.ids import MESSAGE, new_id


def history(connection: Connection, run: dict[str, Any], newest: int | None = None) -> list[dict[str, Any]]:
    """The thread's messages before this run in order, or the `newest` of them; role, content, run_id and status."""
    columns = (messages.c.role, messages.c.content, messages.c.run_id, messages.c.status)
    where = (messages.c.thread_id == run["thread_id"], messages.c.run_id.is_distinct_from(run["id"]))
    statement = sa.select(*columns).where(*where).order_by(messages.c.seq.desc())
    rows = connection.execute(statement if newest is None else statement.limit(newest)).mappings()
    return [dict(row) for row in reversed(rows.all())]


def count_messages(connection: Connection, thread_id: str) -> int:
    statement = sa.select(sa.func.count()).select_from(messages).where(messages.c.thread_id == thread_id)
    return int(connection.execute(statement).scalar_one())


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


def write_text(connection: Connection, message_id: str, text: str, annotations: list[dict[str, Any]]) -> None:
    """The answer's text so far; a message that is ended or gone stays as it is."""
    content = [{"type": "text", "text": {"value": text, "annotations": annotations}}]
    where = (messages.c.id == message_id, messages.c.status == "in_progress")
    connection.execute(messages.update().where(*where).values(content=content))


def answers(connection: Connection, run_id: str) -> dict[str, dict[str, Any]]:
    """The rows of the messages that a run has written, by their ids."""
    rows = connection.execute(sa.select(messages).where(messages.c.run_id == run_id)).mappings()
    return {row["id"]: dict(row) for row in rows}


def open_answers(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The messages that the run has not ended."""
    where = (messages.c.run_id == run_id, messages.c.status == "in_progress")
    return [dict(row) for row in connection.execute(sa.select(messages).where(*where)).mappings()]


def update_answer(connection: Connection, message_id: str, **values: Any) -> dict[str, Any] | None:
    """Change a message; answers its row, None when it is gone."""
    statement = messages.update().where(messages.c.id == message_id).values(**values).returning(messages)
    row = connection.execute(statement).mappings().first()
    return None if row is None else dict(row)
