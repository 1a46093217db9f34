"""The attacks on the sandbox that this machine offers, on behalf of its user."""

import asyncio
import time

from desktop_app.wire.code import AttackResult, SandboxState, SelfTest

FRESH_S = 60
"""Who asks again so soon is told the same: the attacks take some seconds of a processor."""


class SelfTester:
    """Belongs to the event loop."""

    def __init__(self) -> None:
        self._running: asyncio.Task[SelfTest] | None = None

    async def run(self) -> SelfTest:
        """What came of the attacks; all who ask meanwhile wait for the same ones."""
        done = self._running is not None and self._running.done()
        if self._running is None or (done and time.time() - self._running.result().ran_at > FRESH_S):
            self._running = asyncio.create_task(asyncio.to_thread(_attack), name="self-test")
        return await asyncio.shield(self._running)


def _attack() -> SelfTest:
    from desktop_app.interpreter import levels
    from desktop_app.interpreter.launch import NotConfinedError
    from desktop_app.interpreter.selftest.run import run

    offers, reason = levels.offers()
    used = offers[0] if offers else None
    rows = []
    try:
        rows = [
            AttackResult(area=row.area, name=row.name, through=row.through, seen=row.seen) for row in run(offers[:1])
        ]
    except NotConfinedError as error:
        used, reason = None, str(error)
    found = levels.sandbox(used, reason)
    sandbox = SandboxState(level=found.level, message=found.message)
    return SelfTest(sandbox=sandbox, data=rows, ran_at=int(time.time()))
