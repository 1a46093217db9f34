"""The wire below the routes: bytes that are no HTTP, bodies that lie about their size, clients that dawdle."""

import asyncio
import gzip
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from desktop_app.service import connection, errors, guard
from desktop_app.service.connection import KEEP_ALIVE_S, Connection
from desktop_app.service.guard import Guard
from tests.support.protocol import check_error
from tests.support.service_process import KEY, ServiceProcess


def talk(process: ServiceProcess, request: str | bytes) -> tuple[int, Any]:
    """Status and JSON body of the answer to raw bytes; `{host}` is the headers that every request needs."""
    port = httpx2.URL(process.base_url).port or 0
    host = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {process.api_key}\r\nConnection: close"
    sent = request.replace("{host}", host).encode("latin-1") if isinstance(request, str) else request
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(sent)
        return answer_of(b"".join(iter(lambda: raw.recv(65536), b"")))


def answer_of(received: bytes) -> tuple[int, Any]:
    head, _, body = received.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1.1 (\d{3}) \w", head)
    assert status, received[:200]
    assert b"content-type: application/json" in head
    return int(status[1]), json.loads(body) if body else None


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        ("GARBAGE\r\n\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\n\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\n{host}\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /v1/m\xf6dels HTTP/1.1\r\n{host}\r\n\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\n{host}\r\nX: a\x00b\r\n\r\n", 400),
        (f"GET /v1/models HTTP/1.1\r\n{{host}}\r\nX: {'x' * 70_000}\r\n\r\n", 431),
        (f"GET /v1/models?{'x' * 70_000} HTTP/1.1\r\n{{host}}\r\n\r\n", 431),
        ("GET /v1/models HTTP/1.1\r\n{host}\r\nOpenAI-Beta: assistants=v2\r\nOpenAI-Beta: assistants=v1\r\n\r\n", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: -1\r\n\r\n{}", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: 2, 3\r\n\r\n{}", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: 1\r\n\r\n{}", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nTransfer-Encoding: gzip\r\n\r\nx", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: 99999999999\r\n\r\n", 413),
        ("POST /v1/threads HTTP/1.1\r\n{host}\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n", 413),
        ("OPTIONS * HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("CONNECT evil.example:80 HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("GET http://evil.example/ HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("TRACE /v1/models HTTP/1.1\r\n{host}\r\n\r\n", 405),
        ("PATCH /v1/assistants/asst_x HTTP/1.1\r\n{host}\r\nContent-Length: 2\r\n\r\n{}", 405),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_is_wrong_below_the_routes_is_refused_in_the_error_body(
    shared: ServiceProcess, request_: str | bytes, status: int
) -> None:
    answered, body = talk(shared, request_)
    assert answered == status, body
    check_error(body)


@pytest.mark.parametrize(
    "request_",
    [
        "GET /v1/models HTTP/1.0\r\n{host}\r\n\r\n",
        "GET /v1/%6dodels HTTP/1.1\r\n{host}\r\n\r\n",
        "POST /v1/threads HTTP/1.1\r\n{host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        "POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Length: 2\r\n\r\n{}more than it said",
        "POST /v1/threads HTTP/1.1\r\n{host}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_what_is_only_unusual_is_let_in(shared: ServiceProcess, request_: str) -> None:
    status, _ = talk(shared, request_)
    assert status == 200


def test_a_head_request_is_answered_without_a_body(shared: ServiceProcess) -> None:
    assert talk(shared, "HEAD /v1/models HTTP/1.1\r\n{host}\r\n\r\n") == (405, None)


def test_a_compressed_body_is_named_as_what_is_wrong(http: httpx2.Client) -> None:
    answer = http.post("/threads", content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json()["error"]["message"]


async def _reads(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the body of its request."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """The port of a server with our connections, guard and errors, in this process."""
    app = FastAPI()
    errors.install(app)
    app.mount("/", _reads)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            Guard(app, KEY, "127.0.0.1", port),
            http=Connection,
            timeout_keep_alive=KEEP_ALIVE_S,
            lifespan="off",
            log_config=None,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        yield port
        server.should_exit = True
        await serving


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "GET /v1/models HT",
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n{{",
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_client_that_dawdles_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: str) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    monkeypatch.setattr(guard, "BODY_PATIENCE_S", 0.2)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent.format(port=port, key=KEY).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        status, body = answer_of(head + await reader.readexactly(length))
        assert status == 408
        check_error(body)
        assert await reader.read() == b"", "the connection is closed"
        writer.close()
        await writer.wait_closed()


async def test_connections_over_the_limit_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 3)
    async with served() as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        status, body = answer_of(await reader.read())
        assert status == 503
        check_error(body)
        for _, each in [*idle, (reader, writer)]:
            each.close()
            await each.wait_closed()
