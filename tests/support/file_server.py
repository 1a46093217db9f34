"""A small HTTP server of files, with byte ranges, that can break off, fall silent, and announce checksums."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """Serves `pages`. After `cut` bytes of an answer it hangs up, or says nothing more while `silent`.

    `ranges` are those that were asked for, of files. A file with an announced sha256 is served from another address,
    as model hubs do.
    """

    pages: dict[str, bytes] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    silent: bool = False
    ranges: list[str | None] = field(default_factory=list)
    address: str = ""
    may_go_on: threading.Event = field(default_factory=threading.Event)


@contextmanager
def file_server() -> Iterator[FileServer]:
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if sha256 := state.announced.get(self.path):
                self.send_response(302)
                self.send_header("X-Linked-Etag", f'"{sha256}"')
                self.send_header("Location", f"/elsewhere{self.path}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = state.pages.get(self.path.removeprefix("/elsewhere"))
            if body is None:
                self.send_error(404)
                return
            asked = self.headers.get("Range")
            if not self.path.endswith("/"):
                state.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if asked and start >= len(body):
                self.send_error(416)
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            body = body[start:]
            if state.cut is None or len(body) <= state.cut:
                self.wfile.write(body)
                return
            self.wfile.write(body[: state.cut])
            self.wfile.flush()
            if state.silent:
                state.may_go_on.wait()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.may_go_on.set()
        http.shutdown()
        thread.join()
        http.server_close()
