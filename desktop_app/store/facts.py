"""Small facts about this library, each under a name."""

from typing import Any

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.tables import facts


def read_fact(connection: Connection, name: str) -> Any:
    """The value; None when the fact is not there."""
    return connection.execute(sa.select(facts.c.value).where(facts.c.name == name)).scalar()


def write_fact(connection: Connection, name: str, value: Any) -> None:
    connection.execute(facts.delete().where(facts.c.name == name))
    connection.execute(facts.insert().values(name=name, value=value))
