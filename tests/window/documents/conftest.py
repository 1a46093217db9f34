"""A Documents pane over the real service: its own store for each test, one service process for all."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop_app.client import Connection
from desktop_app.documents.model_files import ModelFiles
from desktop_app.window import operations
from desktop_app.window.documents.model import Document
from desktop_app.window.documents.pane import DocumentsPane
from desktop_app.window.memory import Memory
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import LIGHT, Theme
from desktop_app.wire.extensions import Change
from tests.support.service_process import ServiceProcess
from tests.window.conftest import until


@dataclass
class Desk:
    """A pane that shows the store `store_id` of a running service, and follows its feed."""

    pane: DocumentsPane
    session: Session
    tasks: Tasks
    connection: Connection
    store_id: str

    def rows(self) -> dict[str, Document]:
        return {document.name: document for document in self.pane.model.documents()}

    async def add(self, *paths: Path) -> None:
        await self.pane.add_files(self.store_id, paths)

    async def settled(self, seconds: float = 60.0) -> None:
        """Wait until every row is ready, failed or refused."""
        ends = ("ready", "failed", "refused")
        await until(lambda: all(row.stage in ends for row in self.pane.model.documents()), seconds)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("service") / "data") as process:
        yield process


@pytest.fixture
async def desk(qapp: object, service: ServiceProcess, tmp_path: Path) -> AsyncIterator[Desk]:
    Theme.current().apply()
    Theme.current().use(LIGHT)
    tasks = Tasks()
    failures: list[object] = []
    tasks.failed.connect(lambda name, error: failures.append((name, error)))
    connection = Connection(service.base_url, service.api_key)
    await asyncio.to_thread(connection.prepare)
    session = Session(tasks, Memory(tmp_path / "memory"))
    session.connection = connection
    assistant_id = await operations.create_assistant(
        connection, name="Finance policies", instructions="", model="deskside-reader"
    )
    pane = DocumentsPane(session, tasks)
    pane.resize(320, 500)
    pane.show()
    await session.load_assistants()
    session.select_assistant(assistant_id)
    tasks.start("feed", _follow(connection, session))
    assert session.store_id is not None
    yield Desk(pane, session, tasks, connection, session.store_id)
    await tasks.close()
    await connection.close()
    pane.close()
    pane.deleteLater()
    assert not failures


async def _follow(connection: Connection, session: Session) -> None:
    async with aclosing(connection.extensions.changes()) as feed:
        async for entry in feed:
            if isinstance(entry, Change):
                session.notice(entry)
