"""The database: many readers, one writer, explicit transactions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_S = 30

Connection = sa.Connection
"""For the rooms above, which speak no SQL but hand a connection from one function of the store to the next."""


class Database:
    """SQLite in WAL mode. `read()` gives a consistent snapshot; `write()` is one transaction at a time.

    Both block, so an event loop calls them in a thread. A write is on disk when its block has ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(
            f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        )
        sa.event.listen(self.engine, "connect", _configure)
        sa.event.listen(self.engine, "begin", _begin)
        self._writer = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with self._writer, self.engine.connect() as connection:
            connection = connection.execution_options(deskside_write=True)
            with connection.begin():
                yield connection

    def erase(self) -> None:
        """Take what was deleted out of the write-ahead log too: the pages it was on are overwritten already."""
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below starts transactions, not the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # an answered request survives a power cut, not only a killed process
        "foreign_keys = ON",
        "secure_delete = ON",  # deleted text is overwritten, not left in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("deskside_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
