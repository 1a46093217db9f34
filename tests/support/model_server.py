"""A small real HTTP or HTTPS server that answers each path as it is told to."""

import json
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Mapping[str, str], bytes]


def told(content: Any, status: int = 200, **headers: str) -> Reply:
    """JSON, or a text as it is (a web page)."""
    kind = {"Content-Type": "text/html" if isinstance(content, str) else "application/json"}
    body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return status, kind | {name.replace("_", "-"): value for name, value in headers.items()}, body


def models(*names: str, **fields: Any) -> Reply:
    """A list of models, each with `fields`."""
    return told({"object": "list", "data": [{"id": name, "object": "model", **fields} for name in names]})


class ModelServer:
    """`replies` by path; a key that the server wants makes 401 of requests without it. `asked` are paths and keys."""

    def __init__(self, replies: Mapping[str, Reply], *, key: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.replies = dict(replies)
        self.asked: list[tuple[str, str]] = []
        self._key = key
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                status, headers, body = server._reply(
                    self.path, self.headers.get("Authorization") or self.headers.get("api-key") or ""
                )
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake that is refused
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, path: str, key: str) -> Reply:
        self.asked.append((path, key))
        if self._key and not key.endswith(self._key):
            return told({"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}}, 401)
        return self.replies.get(path, told({"error": {"message": "Not Found"}}, 404))
