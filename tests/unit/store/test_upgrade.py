"""Databases are created, migrated behind a backup, and left alone when they are newer or a step fails."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from desktop_app.store import upgrade
from desktop_app.store.database import Database
from desktop_app.store.tables import metadata
from desktop_app.store.upgrade import LibraryTooNewError, check_database, upgrade_database


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "deskside.sqlite3"
    upgrade_database(path, tmp_path / "backups")
    return path


def _with_next_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    scripts = tmp_path / "migrations"
    shutil.copytree(upgrade._MIGRATIONS, scripts)
    newest = max(path.stem.split("_")[0] for path in (scripts / "versions").glob("0*.py"))
    (scripts / "versions" / "9999_next.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = {newest!r}\ndef upgrade():\n    {step}\n"
    )
    monkeypatch.setattr(upgrade, "_MIGRATIONS", scripts)


def test_a_fresh_database_has_exactly_the_tables_of_this_version(library: Path) -> None:
    database = Database(library)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()
    assert check_database(library) == ""


def test_opening_it_again_changes_nothing_and_makes_no_backup(library: Path, tmp_path: Path) -> None:
    upgrade_database(library, tmp_path / "backups")
    assert not (tmp_path / "backups").exists()


def test_a_migration_keeps_the_rows_and_leaves_a_backup(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("INSERT INTO facts VALUES ('before', '1')")
        connection.commit()
    _with_next_migration(tmp_path, monkeypatch, "op.execute(\"INSERT INTO facts VALUES ('after', '2')\")")
    upgrade_database(library, tmp_path / "backups")
    with closing(sqlite3.connect(library)) as connection:
        assert {row[0] for row in connection.execute("SELECT name FROM facts")} == {"before", "after"}
    (backup,) = (tmp_path / "backups").iterdir()
    with closing(sqlite3.connect(backup)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM facts")] == ["before"]


def test_a_migration_that_fails_leaves_the_library_as_it_was(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("INSERT INTO facts VALUES ('before', '1')")
        connection.commit()
    _with_next_migration(tmp_path, monkeypatch, "op.execute('DROP TABLE facts'); raise RuntimeError('a broken step')")
    with pytest.raises(RuntimeError, match="a broken step"):
        upgrade_database(library, tmp_path / "backups")
    monkeypatch.undo()
    upgrade_database(library, tmp_path / "backups")
    with closing(sqlite3.connect(library)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM facts")] == ["before"]


def test_only_the_newest_three_backups_are_kept(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    for day in range(1, 6):
        (backups / f"deskside-2026010{day}-120000.sqlite3").touch()
    _with_next_migration(tmp_path, monkeypatch, "pass")
    upgrade_database(library, backups)
    kept = sorted(path.name for path in backups.iterdir())
    assert kept[:2] == ["deskside-20260104-120000.sqlite3", "deskside-20260105-120000.sqlite3"]
    assert len(kept) == 3


def test_a_library_of_a_newer_version_is_refused_and_not_touched(library: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffff'")
        connection.commit()
    before = library.read_bytes()
    with pytest.raises(LibraryTooNewError, match="newer version"):
        upgrade_database(library, tmp_path / "backups")
    with pytest.raises(LibraryTooNewError):
        check_database(library)
    assert library.read_bytes() == before


def test_the_doctor_sees_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "deskside.sqlite3"
    path.write_bytes(b"this is not a database at all, but long enough" * 100)
    assert check_database(path).startswith("damaged")
