"""Mentions of files and vector stores in the `tool_resources` of assistants and threads."""

import sqlalchemy as sa

from desktop_app.store.database import Connection
from desktop_app.store.tables import assistants, threads


def forget_mentions(connection: Connection, object_id: str) -> None:
    """Remove a deleted file or vector store from every list of tool resources."""
    for table in (assistants, threads):
        mentions = sa.cast(table.c.tool_resources, sa.String).contains(f'"{object_id}"')
        for seq, resources in connection.execute(sa.select(table.c.seq, table.c.tool_resources).where(mentions)).all():
            left = {
                tool: {name: [each for each in ids if each != object_id] for name, ids in lists.items()}
                for tool, lists in resources.items()
            }
            connection.execute(table.update().where(table.c.seq == seq).values(tool_resources=left))
