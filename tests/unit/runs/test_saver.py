"""Streamed text is kept while it grows, also after a time in which nothing could be written."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from desktop_app.runs.saver import TextSaver
from desktop_app.store.tables import messages
from tests.unit.runs.conftest import House


def _content(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"value": text, "annotations": []}}]


def _text(house: House) -> str:
    content = house.rows(messages)[0]["content"]
    return str(content[0]["text"]["value"])


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_text_is_saved_again_once_the_disk_is_no_longer_full(house: House, caplog: Any) -> None:
    house.add_thread("")
    with house.database.write() as connection:
        connection.execute(messages.update().values(status="in_progress"))
    sizes = {"pages": 1}  # SQLite takes it as the size that the file has now

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {sizes['pages']}")

    sa.event.listen(house.database.engine, "connect", limit)
    house.database.engine.dispose()
    saver = TextSaver(house.database)
    saving = asyncio.create_task(saver.run())
    message_id = house.rows(messages)[0]["id"]
    saver.changed(message_id, lambda: _content("long " * 100_000))
    await _until(lambda: "could not be saved" in caplog.text)
    sizes["pages"] = 1_000_000
    house.database.engine.dispose()
    saver.changed(message_id, lambda: _content("longer " * 100_000))
    await _until(lambda: _text(house).startswith("longer"))
    saving.cancel()
    await asyncio.wait([saving])
