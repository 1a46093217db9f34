"""Bring a database to the schema of this version: a backup first, and back to it when a step fails."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from desktop_app.store.database import Database

BACKUPS_KEPT = 3
_MIGRATIONS = Path(__file__).parent / "migrations"


class LibraryTooNewError(Exception):
    """The database was written by a newer Deskside; it was not touched."""


def check_database(path: Path) -> str:
    """What is wrong with the database at `path`, in words; "" when it is sound. Raises LibraryTooNewError."""
    config = _config()
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            revisions = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError as error:
            return f"damaged: {error}"
    if revisions:
        _refuse_newer(path, revisions[0], ScriptDirectory.from_config(config))
    return "" if verdict == "ok" else f"damaged: {verdict}"


def upgrade_database(path: Path, backups: Path) -> None:
    """Create or migrate the database at `path`.

    Raises LibraryTooNewError for a schema that this version does not know; any other failure leaves the
    database as it was and is raised again.
    """
    config = _config()
    script = ScriptDirectory.from_config(config)
    database = Database(path)
    try:
        with database.read() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return
        if current is not None:
            _refuse_newer(path, current, script)
        backup = _backup(path, backups) if current is not None else None
        try:
            with database.engine.connect() as connection:
                config.attributes["connection"] = connection.execution_options(deskside_write=True)
                command.upgrade(config, "head")
                connection.commit()
        except BaseException:
            database.close()
            if backup is not None:
                _restore(backup, path)
            raise
    finally:
        database.close()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _refuse_newer(path: Path, current: str, script: ScriptDirectory) -> None:
    if current not in {revision.revision for revision in script.walk_revisions()}:
        raise LibraryTooNewError(
            f"The library {path} was written by a newer version of Deskside. Update Deskside to open it; "
            "nothing was changed."
        )


def _backup(path: Path, backups: Path) -> Path:
    backups.mkdir(exist_ok=True, mode=0o700)
    target = backups / f"deskside-{time.strftime('%Y%m%d-%H%M%S')}.sqlite3"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    for old in sorted(backups.glob("deskside-*.sqlite3"))[:-BACKUPS_KEPT]:
        old.unlink()
    return target


def _restore(backup: Path, path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(backup, path)
