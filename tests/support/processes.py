"""The processes that a test, or a service of it, has started."""

from contextlib import suppress

import psutil


def children(name: str, of: int | None = None) -> list[psutil.Process]:
    """Those that the process `of`, the tests' own by default, has started with an argument that ends in `name`."""
    found = []
    for each in psutil.Process(of).children():
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            if any(part.endswith(name) for part in each.cmdline()):
                found.append(each)
    return found
