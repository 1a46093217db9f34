"""HTTP/1.1 connections: clients that dawdle are let go, and bytes that are no HTTP get the protocol's error too.

uvicorn waits for ever for the head of a request, and answers in plain text where no request can be made out.
"""

import asyncio
import json
import sys
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from desktop_app.wire.errors import SERVER_ERROR, ApiError

MAX_CONNECTIONS = 500
PATIENCE_S = 30.0
"""How long a client may take to send the head of a request, or what is left of a body that nobody reads."""
KEEP_ALIVE_S = 75
"""Longer than clients keep an idle connection: one that is closed as a request comes in would lose it."""
_OPEN_FILES = 4096


def allow_open_files() -> None:
    """Connections, the database and the provider's connections together are more files than macOS allows at first."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Connection(H11Protocol):
    """uvicorn's connection with a timer that runs whenever the client owes a request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._owed: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(ApiError("Too many connections are open; try again later.", status=503, type=SERVER_ERROR))
        else:
            self._expect()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._expect()
        else:
            self._expect_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(ApiError(msg))

    def _expect(self) -> None:
        if self._owed is None and not self.transport.is_closing():
            self._owed = self.loop.call_later(PATIENCE_S, self._let_go)

    def _expect_no_more(self) -> None:
        if self._owed is not None:
            self._owed.cancel()
            self._owed = None

    def _let_go(self) -> None:
        self._refuse(ApiError(f"The request did not arrive within {PATIENCE_S:.0f} seconds.", status=408))

    def _refuse(self, error: ApiError) -> None:
        """Answer outside of any route, where nothing was answered yet, and close."""
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps(error.body()).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            reason = HTTPStatus(error.status).phrase
            start = h11.Response(status_code=error.status, headers=headers, reason=reason.encode())
            for event in (start, h11.Data(body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
