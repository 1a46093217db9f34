"""The database: many readers, one writer, explicit transactions."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_S = 30
ERASE_TIMEOUT_S = 60
_ERASE_STEP_S = 0.02
_CONNECTIONS = 8
"""Kept open; more are made while more threads need one, so that a thread never waits for another's."""

Connection = sa.Connection
"""For the rooms above, which speak no SQL but hand a connection from one function of the store to the next."""


class Database:
    """SQLite in WAL mode. `read()` gives a consistent snapshot; `write()` is one transaction at a time.

    Both block, so an event loop calls them in a thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
            pool_size=_CONNECTIONS,
            max_overflow=-1,
        )
        sa.event.listen(self.engine, "connect", _configure)
        sa.event.listen(self.engine, "begin", _begin)
        self._writer = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sa.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        What is committed survives a killed process; when `durable`, a power cut too, for which the disk is waited for.
        """
        with self._writer, self.engine.connect() as connection:
            connection = connection.execution_options(deskside_write="FULL" if durable else "NORMAL")
            with connection.begin():
                yield connection

    def sync(self) -> None:
        """Wait for the disk: everything committed so far survives a power cut too. Blocks no writer."""
        log = os.open(f"{self.path}-wal", os.O_RDWR)
        try:
            os.fsync(log)
        finally:
            os.close(log)

    def erase(self) -> None:
        """Take what was deleted out of the write-ahead log too: the pages it was on are overwritten already.

        Waits for those who read an older state. They must not be waited for in one piece, because nobody could write
        meanwhile. Raises TimeoutError.
        """
        deadline = time.monotonic() + ERASE_TIMEOUT_S
        with closing(sqlite3.connect(self.path, timeout=_ERASE_STEP_S)) as connection:
            while True:
                with self._writer:
                    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return
                if time.monotonic() > deadline:
                    raise TimeoutError("the write-ahead log is still being read")
                time.sleep(_ERASE_STEP_S)

    def close(self) -> None:
        self.engine.dispose()


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below starts transactions, not the driver
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        "secure_delete = ON",  # deleted text is overwritten, not left in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    synchronous = connection.get_execution_options().get("deskside_write")
    if synchronous is None:
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
