"""A real small HTTP server that plays scripted Chat Completions streams, and remembers what it was asked.

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
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Turn:
    """What one request is answered with."""

    text: str | list[str] = ""
    """The answer: a string is cut after each space, a list is sent piece by piece."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Tool calls {name, arguments (JSON text or an object), id?, index?}."""
    calls_first: bool = False
    """Send the calls before the text."""
    rate: float = 0.0
    """Deltas per second; 0: as fast as they go."""
    status: int = 200
    error: str = ""
    """The error body's message, for a status other than 200; `{key}` in it becomes the key that was sent."""
    code: str | None = None
    finish_reason: str | None = None
    usage: tuple[int, int] | None = (100, 20)
    """Prompt and completion tokens; None: this server tells none."""
    whole_calls: bool = False
    """Send each tool call in one piece, without index and id, as some servers do."""
    hang: float = 0.0
    """Seconds of silence before the answer begins."""
    hang_after: int | None = None
    """Fall silent after this many deltas, until the client leaves."""
    linger: bool = False
    """Say that the answer is finished, but never end the stream."""
    drop_after: int | None = None
    """Close the connection after this many deltas."""
    page: str = ""
    """Answer with this web page, as a wrong address does."""
    raw: str | None = None
    """Answer 200 with exactly this body."""
    kind: str = "text/event-stream"
    """The content type of `raw`."""
    packed: bytes | None = None
    """Answer with these bytes, saying that they are packed as `packing` says."""
    packing: str = "gzip"
    cut: bool = False
    """Promise more than `raw`, and close the connection behind it."""
    hang_behind: bool = False
    """Fall silent behind a `raw` that is `cut`, until the client leaves."""
    drop: bool = False
    """Close the connection without a byte of an answer."""
    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of an answer with a status other than 200."""
    refuse: list[str] = field(default_factory=list)
    """Answer 400 to a request with one of these parameters; the turn is then played for the next request."""


class ScriptedProvider:
    """Serves `/v1/chat/completions` and `/v1/models` on a free port of 127.0.0.1."""

    def __init__(self, turns: Sequence[Turn], *, port: int = 0, models: Sequence[str] | str = ("scripted",)) -> None:
        self.turns = list(turns)
        self.models = models
        """The names of its models, or what it answers instead of a list."""
        self.requests: list[dict[str, Any]] = []
        """The bodies of all chat requests."""
        self.keys: list[str] = []
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
            self.requests.clear()
            self.keys.clear()

    def take_turn(self, body: dict[str, Any], key: str) -> tuple[Turn, str]:
        """The turn for a request, and the parameter it refuses."""
        with self._lock:
            self.requests.append(body)
            self.keys.append(key)
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
        turn, refused = self.provider.take_turn(body, key)
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
        start = time.monotonic()
        for number, delta in enumerate(_deltas(turn)):
            if turn.drop_after == number:
                self.close_connection = True
                self.connection.close()
                return
            if turn.hang_after == number:
                self._wait_until_left()
                return
            if turn.rate:
                self.provider.sleep(max(0.0, start + number / turn.rate - time.monotonic()))
            self._chunk(body, {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        reason = turn.finish_reason or ("tool_calls" if turn.calls else "stop")
        self._chunk(body, {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if turn.usage is not None and body.get("stream_options", {}).get("include_usage"):
            prompt, completion = turn.usage
            usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
            self._chunk(body, {"choices": [], "usage": usage})
        if turn.linger:
            self._wait_until_left()
            return
        self._send(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, body: dict[str, Any], content: dict[str, Any]) -> None:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            **content,
        }
        self._send(f"data: {json.dumps(chunk)}\n\n".encode())

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


def _deltas(turn: Turn) -> list[dict[str, Any]]:
    pieces = turn.text if isinstance(turn.text, list) else [f"{word} " for word in turn.text.split(" ") if word]
    if pieces and not isinstance(turn.text, list):
        pieces[-1] = pieces[-1][:-1]
    said: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    deltas = [] if turn.calls_first else list(said)
    for number, call in enumerate(turn.calls):
        index = call.get("index", number)
        arguments = call["arguments"] if isinstance(call["arguments"], str) else json.dumps(call["arguments"])
        function = {"name": call["name"], "arguments": arguments}
        if turn.whole_calls:
            deltas.append({"tool_calls": [{"type": "function", "function": function}]})
            continue
        begun = {"index": index, "id": call.get("id", f"call_{number}"), "type": "function"}
        deltas.append({"tool_calls": [{**begun, "function": {"name": call["name"], "arguments": ""}}]})
        half = len(arguments) // 2
        for fragment in (arguments[:half], arguments[half:]):
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
    return deltas + said if turn.calls_first else deltas


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
