"""The cheap look at a database's schema agrees with the migrations."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from desktop_app.store import upgrade
from desktop_app.store.revision import is_current, newest_revision
from desktop_app.store.upgrade import upgrade_database


def test_the_newest_revision_is_that_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_a_database_is_current_once_it_was_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    assert not is_current(path)
    upgrade_database(path, tmp_path / "backups")
    assert is_current(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert not is_current(path)


def test_a_file_that_is_no_database_is_not_current(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    path.write_bytes(b"nothing of the kind" * 100)
    assert not is_current(path)
