"""Against a small real HTTP server that answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from desktop_app.client.connection import Connection
from desktop_app.client.errors import RefusedError, ServiceLostError
from desktop_app.client.extensions import Connected, Lost
from desktop_app.wire.extensions import Change

Reply = Callable[[str, asyncio.StreamWriter], object]


class Server:
    """Keeps the requests it got; `replies` says what each path is answered with (a status and a body, or bytes)."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.replies: dict[str, tuple[int, object] | list[bytes]] = {}
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        self.requests.append(f"{method} {target}")
        reply = self.replies.get(target.split("?")[0], (404, {"error": {"message": "no such route"}}))
        if isinstance(reply, list):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            writer.write(reply.pop(0) if reply else b"")
        else:
            status, body = reply
            data = json.dumps(body).encode()
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(data)}\r\n".encode())
            writer.write(b"content-type: application/json\r\nconnection: close\r\n\r\n" + data)
        await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def connection(server: Server) -> AsyncIterator[Connection]:
    connection = Connection(f"http://127.0.0.1:{server.port}/v1", "key")
    yield connection
    await connection.close()


def change(thread_id: str) -> bytes:
    return f'event: deskside.changed\ndata: {{"kind": "thread", "id": "{thread_id}"}}\n\n'.encode()


async def test_a_page_of_threads_is_typed_and_asked_for_with_its_cursor(
    server: Server, connection: Connection
) -> None:
    thread = {
        "id": "thread_1",
        "object": "thread",
        "created_at": 5,
        "deskside": {"title": "Leave", "message_count": 2},
    }
    server.replies["/v1/threads"] = (200, {"data": [thread], "last_id": "thread_1", "has_more": False})
    page = await connection.extensions.threads(limit=7, after="thread_0")
    assert page.data[0].deskside.title == "Leave"
    assert server.requests == ["GET /v1/threads?limit=7&after=thread_0"]


async def test_a_refusal_carries_the_services_words(server: Server, connection: Connection) -> None:
    body = {"error": {"message": "No such File object: file-9", "type": "x", "param": "id", "code": None}}
    server.replies["/v1/deskside/files/file-9/pages/3"] = (404, body)
    with pytest.raises(RefusedError, match=r"^No such File object: file-9$") as caught:
        await connection.extensions.page("file-9", 3)
    assert caught.value.status == 404


async def test_a_service_that_is_gone_is_said_in_words(server: Server, connection: Connection) -> None:
    await server.stop()
    with pytest.raises(ServiceLostError, match="can't be reached"):
        await connection.extensions.status()


async def test_the_feed_passes_changes_over_and_connects_again_after_a_break(
    server: Server, connection: Connection
) -> None:
    server.replies["/v1/deskside/events"] = [b": heartbeat\n\n" + change("thread_1"), change("thread_2")]
    seen: list[object] = []
    async with asyncio.timeout(10), aclosing(connection.extensions.changes()) as feed:
        async for entry in feed:
            seen.append(entry)
            if len(seen) == 5:
                break
    assert [type(entry) for entry in seen] == [Connected, Change, Lost, Connected, Change]
    assert [entry.id for entry in seen if isinstance(entry, Change)] == ["thread_1", "thread_2"]


async def test_the_feed_says_once_that_the_service_is_gone(server: Server, connection: Connection) -> None:
    port = server.port
    await server.stop()
    seen: list[object] = []
    async with asyncio.timeout(20), aclosing(connection.extensions.changes()) as feed:
        async for entry in feed:
            seen.append(entry)
            if isinstance(entry, Lost):
                server.replies["/v1/deskside/events"] = [change("thread_1")]
                asyncio.get_running_loop().call_later(1.0, asyncio.ensure_future, server.start(port))
            if isinstance(entry, Change):
                break
    assert [type(entry) for entry in seen] == [Lost, Connected, Change]


async def test_the_feed_does_not_insist_on_a_key_that_is_refused(server: Server, connection: Connection) -> None:
    server.replies["/v1/deskside/events"] = (401, {"error": {"message": "Incorrect API key", "code": None}})
    with pytest.raises(RefusedError, match="doesn't accept this key"):
        async for _ in connection.extensions.changes():
            pass
    assert len(server.requests) == 1
