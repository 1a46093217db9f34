"""How this program starts itself again, as a service or a worker: the same in a checkout, installed and frozen."""

import sys


def program_command(*arguments: str) -> list[str]:
    """The command line of this very program with `arguments`, for a child process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "desktop_app", *arguments]
