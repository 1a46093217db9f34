"""Clients that stop reading, and clients that leave: the service neither waits for them nor keeps what they left."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import psutil

from tests.service.conftest import Serve, plain
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess
from tests.support.streams import END

PIECES = 30_000
PIECE = "a piece of thirty characters. "
MANY = 60


@contextmanager
def opened(service: ServiceProcess, path: str, body: dict[str, object] | None = None) -> Iterator[socket.socket]:
    """A connection with little room for what comes in, after its request was sent."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", httpx2.URL(service.base_url).port or 0))
        content = json.dumps(body).encode() if body is not None else b""
        host = httpx2.URL(service.base_url).netloc.decode()
        head = (
            f"{'GET' if body is None else 'POST'} /v1{path} HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {service.api_key}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        connection.sendall(head.encode() + content)
        yield connection


def clients_of(service: ServiceProcess) -> int:
    """How many connections the service has with its clients."""
    assert service.process is not None
    connections = psutil.Process(service.process.pid).net_connections("tcp")
    port = httpx2.URL(service.base_url).port
    return sum(each.laddr.port == port and each.status != psutil.CONN_LISTEN for each in connections)


def thread_with_question(http: httpx2.Client) -> tuple[str, str]:
    assistant = http.post("/assistants", json={"model": "scripted"}).json()["id"]
    thread = http.post("/threads", json={"messages": [{"role": "user", "content": "Go on."}]}).json()["id"]
    return f"/threads/{thread}/runs", assistant


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reader_that_stops_costs_no_events_and_gets_all_the_text_later(serve: Serve) -> None:
    service, _ = serve(Turn([PIECE] * PIECES))
    with plain(service) as http:
        path, assistant_id = thread_with_question(http)
        with opened(service, path, {"assistant_id": assistant_id, "stream": True}) as stalled:
            received = stalled.recv(1024)
            wait_until(lambda: http.get(path).json()["data"][0]["status"] == "completed")
            while not received.endswith(b"0\r\n\r\n"):
                received += stalled.recv(1 << 20)
    assert END in received
    deltas = received.count(b"event: thread.message.delta")
    assert deltas < 0.8 * PIECES, "what the reader did not take waited as text, not as events"
    assert received.count(PIECE.encode()) > 1.9 * PIECES, "in the deltas, and in the completed message"


def test_clients_that_leave_their_streams_leave_no_connections_and_stop_no_runs(serve: Serve) -> None:
    service, _ = serve(Turn("one two three four five", rate=2))
    with plain(service) as http:
        paths = []
        for _ in range(MANY):
            path, assistant_id = thread_with_question(http)
            with opened(service, path, {"assistant_id": assistant_id, "stream": True}) as leaving:
                assert leaving.recv(1024)
            paths.append(path)
        for path in paths:
            wait_until(lambda path=path: http.get(path).json()["data"][0]["status"] == "completed")  # type: ignore[misc]
        wait_until(lambda: clients_of(service) == 1)
        for _ in range(MANY):
            with opened(service, "/deskside/events") as leaving:
                assert leaving.recv(1024)
        wait_until(lambda: clients_of(service) == 1)
