"""What costs count besides tokens, as it happens."""

import time
from typing import Literal

from desktop_app.store.database import Connection
from desktop_app.store.tables import usage_events


def insert_usage_event(
    connection: Connection, kind: Literal["code_session"], thread_id: str, run_id: str | None
) -> None:
    """Without `run_id`, the person did it and no run."""
    values = {"created_at": int(time.time()), "kind": kind, "thread_id": thread_id, "run_id": run_id}
    connection.execute(usage_events.insert(), values)
