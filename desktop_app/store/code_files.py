"""The files that code has written in the sessions of a thread, by the names that it gave them below /mnt/data/."""

from collections.abc import Mapping

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.tables import code_files


def insert_code_files(connection: Connection, thread_id: str, files: Mapping[str, str]) -> None:
    """Ids of new files by their names."""
    rows = [{"thread_id": thread_id, "file_id": file_id, "name": name} for name, file_id in files.items()]
    if rows:
        connection.execute(code_files.insert(), rows)


def read_code_files(connection: Connection, thread_id: str) -> dict[str, str]:
    """The id of the newest file of each name that is still there."""
    statement = sa.select(code_files.c.name, code_files.c.file_id).where(code_files.c.thread_id == thread_id)
    return {row.name: row.file_id for row in connection.execute(statement.order_by(code_files.c.seq))}
