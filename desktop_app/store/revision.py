"""Whether a database has the schema of this version, found out without the migration machinery.

That takes 0.4 s to import, and an ordinary start has no use for it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def is_current(path: Path) -> bool:
    """False when the database is missing, older, newer or unreadable: `upgrade_database` sorts that out."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return False
    return found is not None and found[0] == newest_revision()


def newest_revision() -> str:
    """The last migration's number, which begins the name of its file."""
    return max(file.stem.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))
