"""A real small HTTP server that plays scripted turns over both wires, and remembers what it was asked.

In a test: `with ScriptedProvider([turn, ...]) as provider:` and `provider.base_url`. By hand:
`python -m tests.support.scripted_provider --script file.json --port 0`, where the file holds a list of turns; it
prints its base URL. Turns are played in order, one per request; the last one is repeated.
"""

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.scripted_turn import Turn as Turn
from tests.support.scripted_wires import CHAT, RESPONSES, script


class ScriptedProvider:
    """Serves `/v1/chat/completions`, `/v1/responses` and `/v1/models` on a free port of 127.0.0.1."""

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        port: int = 0,
        models: Sequence[str] | str = ("scripted",),
        paths: Sequence[str] = (CHAT, RESPONSES),
    ) -> None:
        self.turns = list(turns)
        self.paths = paths
        """The wires that it knows."""
        self.models = models
        """The names of its models, or what it answers instead of a list."""
        self.requests: list[dict[str, Any]] = []
        """The bodies of all requests for an answer."""
        self.keys: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths_asked: list[str] = []
        self.left = 0
        """How often a client went away before its answer was complete."""
        self._played = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        provider = self

        class Handler(_Handler):
            pass

        Handler.provider = provider
        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> "ScriptedProvider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_until_left(self, count: int = 1, timeout_s: float = 5.0) -> bool:
        """Whether `count` clients have left within `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while self.left < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.left >= count

    def play(self, *turns: Turn) -> None:
        """Begin anew with these turns, and forget what was asked."""
        with self._lock:
            self.turns = list(turns)
            self._played = self.left = 0
            for asked in (self.requests, self.keys, self.headers, self.paths_asked):
                asked.clear()

    def take_turn(self, body: dict[str, Any], path: str, headers: Mapping[str, str]) -> tuple[Turn, str]:
        """The turn for a request, and the parameter it refuses."""
        with self._lock:
            self.requests.append(body)
            self.keys.append(headers.get("Authorization", "").removeprefix("Bearer "))
            self.headers.append(headers)
            self.paths_asked.append(path)
            turn = self.turns[min(self._played, len(self.turns) - 1)]
            refused = next((name for name in turn.refuse if name in body), "")
            if not refused:
                self._played += 1
            return turn, refused

    def client_left(self) -> None:
        with self._lock:
            self.left += 1

    def sleep(self, seconds: float) -> None:
        self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    provider: ScriptedProvider
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if isinstance(self.provider.models, str):
            self._answer(200, "application/json", self.provider.models.encode())
            return
        models = [{"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in self.provider.models]
        self._json(200, {"object": "list", "data": models})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.path.partition("?")[0].endswith(tuple(self.provider.paths)):
            self._json(404, {"error": {"message": f"Unknown path {self.path}.", "code": None}})
            return
        turn, refused = self.provider.take_turn(body, self.path, self.headers)
        self.provider.sleep(turn.hang)
        if turn.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif refused:
            self._json(400, {"error": {"message": f"Unknown parameter: '{refused}'.", "code": None}})
        elif turn.page:
            self._answer(200, "text/html", turn.page.encode())
        elif turn.packed is not None:
            self._answer(turn.status, turn.kind, turn.packed, {"Content-Encoding": turn.packing})
        elif turn.raw is not None:
            more = {"Connection": "close", "Content-Length": "99999999"} if turn.cut else {}
            self._answer(200, turn.kind, turn.raw.encode("utf-8", "surrogatepass"), more)
            self.close_connection = turn.cut
            if turn.hang_behind:
                self._wait_until_left()
        elif turn.status != 200:
            message = turn.error.replace("{key}", key)
            error = {"message": message, "code": turn.code, "type": "x", "param": None}
            self._json(turn.status, {"error": error}, turn.headers)
        else:
            try:
                self._stream(turn, body)
            except (BrokenPipeError, ConnectionResetError):
                self.provider.client_left()
                self.close_connection = True

    def _json(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self._answer(status, "application/json", json.dumps(body).encode(), headers)

    def _answer(self, status: int, kind: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(payload)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, turn: Turn, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        stream = script(self.path.partition("?")[0], turn, body)
        if stream.begin:
            self._send(stream.begin)
        start = time.monotonic()
        for number, delta in enumerate(stream.deltas):
            if turn.drop_after == number:
                self.close_connection = True
                self.connection.close()
                return
            if turn.hang_after == number:
                self._wait_until_left()
                return
            if turn.rate:
                self.provider.sleep(max(0.0, start + number / turn.rate - time.monotonic()))
            self._send(delta)
        self._send(stream.end)
        if turn.linger:
            self._wait_until_left()
            return
        if stream.close:
            self._send(stream.close)
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _wait_until_left(self) -> None:
        self.connection.settimeout(0.05)
        while not self.provider._closing.is_set():
            try:
                if self.connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.provider.client_left()
        self.close_connection = True


def closed_port() -> int:
    """A port of 127.0.0.1 where nothing answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", type=Path, help=f"JSON list of turns with the fields {list(asdict(Turn()))}")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    turns = (
        json.loads(arguments.script.read_text("utf-8")) if arguments.script else [{"text": "Hello from the script."}]
    )
    with ScriptedProvider([Turn(**turn) for turn in turns], port=arguments.port) as provider:
        print(provider.base_url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
