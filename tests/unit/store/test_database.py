"""Transactions: all or nothing, one writer, readers that see a snapshot."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop_app.store.database import Database
from desktop_app.store.tables import assistants, facts, messages, threads
from desktop_app.store.upgrade import upgrade_database


@pytest.fixture
def database(tmp_path: Path):
    upgrade_database(tmp_path / "deskside.sqlite3", tmp_path / "backups")
    database = Database(tmp_path / "deskside.sqlite3")
    yield database
    database.close()


def _names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(facts.c.name).order_by(facts.c.name)).scalars())


def test_a_write_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(facts.insert().values(name="half", value=1))
        raise RuntimeError
    assert _names(database) == []


def test_a_reader_sees_one_state_while_a_writer_commits(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(facts)).scalar() == 0
        with database.write() as writer:
            writer.execute(facts.insert().values(name="new", value=1))
        assert connection.execute(sa.select(sa.func.count()).select_from(facts)).scalar() == 0
    assert _names(database) == ["new"]


def test_many_threads_write_without_the_database_being_locked(database: Database) -> None:
    def write(number: int) -> None:
        for step in range(5):
            with database.write() as connection:
                connection.execute(facts.insert().values(name=f"{number}-{step}", value=step))

    workers = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(_names(database)) == 80


def test_waiting_for_the_disk_leaves_a_writer_its_lock(database: Database) -> None:
    """A process loses its locks on a file when it closes any descriptor of it, which SQLite's log must survive."""
    other = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    with database.write(durable=False) as connection:
        connection.execute(facts.insert().values(name="new", value=1))
        database.sync()
        intruder = subprocess.run([sys.executable, "-c", other, database.path], capture_output=True, text=True)
    assert "database is locked" in intruder.stderr
    assert _names(database) == ["new"]


def test_a_write_waits_for_the_disk_unless_it_need_not(database: Database) -> None:
    for durable, level in ((True, 2), (False, 1), (True, 2)):
        with database.write(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level


def test_any_number_of_threads_reads_at_once(database: Database) -> None:
    everyone = threading.Barrier(60, timeout=20)
    seen: list[list[str]] = []

    def read() -> None:
        with database.read() as connection:
            everyone.wait()
            seen.append(list(connection.execute(sa.select(facts.c.name)).scalars()))

    readers = [threading.Thread(target=read) for _ in range(60)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == [[]] * 60


def test_others_write_while_erasing_waits_for_one_who_reads(database: Database) -> None:
    log = database.path.with_name(f"{database.path.name}-wal")
    with database.read() as reader:
        reader.execute(sa.select(facts)).all()
        with database.write() as connection:
            connection.execute(facts.insert().values(name="first", value=1))
        erasing = threading.Thread(target=database.erase)
        erasing.start()
        time.sleep(0.2)  # until it waits
        for number in range(50):
            with database.write() as connection:
                connection.execute(facts.insert().values(name=f"meanwhile-{number}", value=1))
        assert erasing.is_alive()
        assert log.stat().st_size
    erasing.join()
    assert log.stat().st_size == 0
    assert len(_names(database)) == 51


def test_what_hangs_on_a_thread_goes_with_it(database: Database) -> None:
    with database.write() as connection:
        connection.execute(threads.insert().values(id="thread_1", created_at=1, last_active_at=1))
        connection.execute(
            messages.insert().values(id="msg_1", created_at=1, thread_id="thread_1", role="user", status="completed")
        )
        connection.execute(threads.delete())
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar() == 0


def test_sequence_numbers_are_never_used_twice(database: Database) -> None:
    with database.write() as connection:
        insert = assistants.insert().values(id="asst_1", created_at=1, model="m")
        first = connection.execute(insert).inserted_primary_key
        connection.execute(assistants.delete())
        second = connection.execute(insert).inserted_primary_key
    assert first is not None
    assert second is not None
    assert second[0] > first[0]
