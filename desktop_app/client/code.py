"""Typed calls for code that the person runs, and for the sandbox that confines it."""

from typing import Any
from urllib.parse import quote

from openai import AsyncOpenAI

from desktop_app.client.errors import readable_errors
from desktop_app.wire.code import Cell, SelfTest

_TIMEOUT_S = 1_200.0
"""A cell may take ten minutes, and wait for its turn."""


class Code:
    """Every method raises ServiceLostError or RefusedError, with a message for people."""

    def __init__(self, openai: AsyncOpenAI) -> None:
        # Not repeated: code would run twice.
        self._openai = openai.with_options(max_retries=0, timeout=_TIMEOUT_S)

    async def run(self, thread_id: str, code: str) -> Cell:
        """Run a cell in the thread's session; cancelling the call stops it."""
        return Cell.model_validate(await self._post(f"/deskside/threads/{quote(thread_id)}/code", {"code": code}))

    async def self_test(self) -> SelfTest:
        """Attack the sandbox that is in use; takes some seconds."""
        return SelfTest.model_validate(await self._post("/deskside/interpreter/self-test", {}))

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        with readable_errors():
            return await self._openai.post(path, cast_to=object, body=body)
