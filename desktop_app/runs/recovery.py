"""What becomes of the runs that a killed service left: they go on, they wait, or they end."""

from typing import Any

from desktop_app.runs import ending
from desktop_app.runs.ending import Ending, end_run
from desktop_app.store.database import Connection
from desktop_app.store.run_steps import all_steps
from desktop_app.store.runs import active_runs


def sort_out(connection: Connection, now: float) -> list[dict[str, Any]]:
    """End what can't go on; answers the runs to execute. A run that waits for the outputs of functions still does."""
    going_on = []
    for run in active_runs(connection):
        how = _ending(connection, run, now)
        if how is not None:
            end_run(connection, run["id"], how)
        elif run["status"] != "requires_action":
            going_on.append(run)
    return going_on


def _ending(connection: Connection, run: dict[str, Any], now: float) -> Ending | None:
    if run["status"] == "cancelling":
        return ending.cancelled()
    if run["expires_at"] <= now:
        return ending.expired()
    if run["status"] != "requires_action" and _in_mid_turn(connection, run["id"]):
        return ending.STOPPED
    return None


def _in_mid_turn(connection: Connection, run_id: str) -> bool:
    """Whether the model was speaking; a turn that is over leaves complete calls of tools."""
    steps = all_steps(connection, run_id)
    return bool(steps) and (steps[-1]["type"] != "tool_calls" or steps[-1]["status"] != "completed")
