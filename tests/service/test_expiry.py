"""Stores and files whose time is over; the clock is moved by moving their times in the database."""

import sqlite3
import time
from contextlib import closing

import openai
import pytest

from tests.service.conftest import sdk
from tests.support.service_process import ServiceProcess


def change(service: ServiceProcess, statement: str) -> None:
    """Change the database while the service is down, and start it again."""
    service.stop()
    with closing(sqlite3.connect(service.data_dir / "deskside.sqlite3")) as connection:
        connection.execute(statement)
        connection.commit()
    service.start()


def test_an_expired_store_says_so_and_is_neither_searched_nor_renewed(service: ServiceProcess) -> None:
    with sdk(service) as client:
        store = client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})
        assistant = client.beta.assistants.create(
            model="deskside-reader",
            tools=[{"type": "file_search"}],
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        )
    change(service, "UPDATE vector_stores SET last_active_at = 1000, expires_at = 87400")
    with sdk(service) as client:
        assert client.vector_stores.retrieve(store.id).status == "expired"
        with pytest.raises(openai.BadRequestError, match="expired"):
            client.vector_stores.search(store.id, query="anything")
        run = client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "What is it?"}]}
        )
        assert run.status == "failed"
        assert run.last_error is not None
        assert "expired" in run.last_error.message
        assert client.vector_stores.retrieve(store.id).last_active_at == 1000


def test_an_expired_file_is_deleted_everywhere(service: ServiceProcess) -> None:
    with sdk(service) as client:
        doomed = client.files.create(
            file=("a.txt", b"short-lived words"),
            purpose="assistants",
            expires_after={"anchor": "created_at", "seconds": 3600},
        ).id
        store = client.vector_stores.create(file_ids=[doomed])
        client.vector_stores.files.poll(doomed, vector_store_id=store.id)
    change(service, "UPDATE files SET expires_at = 1000")
    with sdk(service) as client:
        for _ in range(100):
            if not client.files.list().data:
                break
            time.sleep(0.1)
        assert client.files.list().data == []
        assert client.vector_stores.retrieve(store.id).file_counts.total == 0
    assert not any(path.is_file() for path in (service.data_dir / "files").rglob("*"))
