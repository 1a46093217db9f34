"""Keeps streamed text: the answers of all runs, several times a second, in one transaction."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from desktop_app.store.answers import write_content
from desktop_app.store.database import Database

INTERVAL_S = 0.2
"""So at most this much text, and the time of one write, is lost with the process."""

_log = logging.getLogger(__name__)

AnswerSoFar = Callable[[], list[dict[str, Any]]]
"""An answer's content at this moment."""


class TextSaver:
    """One task for all runs: 200 answers at once cost five transactions a second, not a thousand."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: dict[str, AnswerSoFar] = {}
        self._news = asyncio.Event()

    def changed(self, message_id: str, answer: AnswerSoFar) -> None:
        self._changed[message_id] = answer
        self._news.set()

    def forget(self, message_id: str) -> None:
        """The message is written by its run from now on."""
        self._changed.pop(message_id, None)

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(INTERVAL_S)
            self._news.clear()
            if not self._changed:
                continue  # the answers have ended meanwhile
            taken = {message_id: answer() for message_id, answer in self._changed.items()}
            self._changed.clear()
            try:
                await asyncio.to_thread(self._write, taken)
            except Exception:  # such as a full disk, which may be over soon
                _log.exception("Streamed text could not be saved; the next of it is tried again.")

    def _write(self, taken: dict[str, list[dict[str, Any]]]) -> None:
        with self._database.write(durable=False) as connection:
            for message_id, content in taken.items():
                write_content(connection, message_id, content)
