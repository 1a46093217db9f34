"""One answer listened to: until its first word, then from piece to piece, never longer than there is patience."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from desktop_app.models.remote.faults import SilenceError
from desktop_app.models.remote.patience import Patience


class Listening:
    """Begins when it is made, with the request. Set `begun` once the first word is there."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._first_until = asyncio.get_running_loop().time() + patience.first_word_s
        self.begun = False

    @asynccontextmanager
    async def opened(
        self, answer: AbstractAsyncContextManager[AsyncIterator[bytes]]
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        """The answer, opened in time; raises SilenceError."""
        try:
            async with asyncio.timeout_at(self._first_until):
                pieces = await answer.__aenter__()
        except TimeoutError as error:
            raise SilenceError("provider_first_word_timeout_s") from error
        try:
            yield pieces
        finally:
            await answer.__aexit__(None, None, None)

    async def heard(self, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """The pieces as they come; raises SilenceError. Signs of life alone do not make an answer begin."""
        now = asyncio.get_running_loop().time
        while True:
            until = now() + self._patience.silence_s if self.begun else self._first_until
            try:
                async with asyncio.timeout_at(until):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                setting = "provider_timeout_s" if self.begun else "provider_first_word_timeout_s"
                raise SilenceError(setting) from error
            yield piece
