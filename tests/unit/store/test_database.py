"""Transactions: all or nothing, one writer, readers that see a snapshot."""

import threading
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
