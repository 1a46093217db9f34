"""Finishing what has begun, although the task that does it is being cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work` to its end; a cancellation that comes meanwhile is raised after it.

    An exception of `work` goes before a cancellation.
    """
    working = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError as error:
            cancellation = error
    result = working.result()
    if cancellation is not None:
        raise cancellation
    return result
