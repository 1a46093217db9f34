"""What every request passes before any route: sizes, Host, Origin, key, protocol version, pace of the body.

Pure ASGI, around the whole application, so that unknown routes and the OpenAPI page are guarded too.
"""

import asyncio
import hmac
import json
import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desktop_app.wire.errors import ApiError
from desktop_app.wire.limits import MAX_BODY_BYTES, MAX_FILE_BYTES, MAX_PART_BYTES

API_VERSION = "2020-10-01"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_HEAD_BYTES = 64 * 1024
BODY_PATIENCE_S = 30.0
"""How long a client may let us wait for the next piece of a body."""
_FORM_BYTES = 1024 * 1024
"""What a multipart form adds to its file."""
_UPLOADS = {re.compile(r"/v1/files"): MAX_FILE_BYTES, re.compile(r"/v1/uploads/[^/]+/parts"): MAX_PART_BYTES}

_log = logging.getLogger(__name__)


class Guard:
    """Lets requests through that come from this machine's own programs with the right key."""

    def __init__(self, app: ASGIApp, api_key: str, host: str, port: int) -> None:
        self._app = app
        self._api_key = api_key.encode()
        names = {*LOOPBACK, f"[{host}]" if ":" in host else host}
        self._hosts = {f"{name}:{port}" for name in names} | (names if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        assert scope["type"] == "http", "the server speaks nothing else"
        request_id, started = f"req_{secrets.token_hex(16)}", time.perf_counter()
        headers = Headers(scope=scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                sent["x-request-id"] = request_id
                sent["openai-version"] = API_VERSION
                sent["openai-processing-ms"] = str(round((time.perf_counter() - started) * 1000))
                sent["cache-control"] = "no-store"
                sent["x-content-type-options"] = "nosniff"
                _log.debug("%s %s %s %s", request_id, scope["method"], scope["path"], message["status"])
            await send(message)

        limit = _body_limit(scope["path"])
        try:
            _check_head(scope)
            self._check(headers, limit)
        except ApiError as error:
            await _refuse(error, answer)
        else:
            await self._app(scope, _limited(receive, limit), answer)

    def _check(self, headers: Headers, limit: int) -> None:
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            raise ApiError("This service answers to its own address only.", status=403, code="invalid_host")
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{host}":
            raise ApiError("This service takes no requests from web pages.", status=403, code="invalid_origin")
        self._check_key(headers)
        versions = [each.strip() for each in ",".join(headers.getlist("openai-beta")).split(",")]
        if "assistants=v1" in versions:
            raise ApiError(
                "The Assistants API v1 is not spoken here; send 'OpenAI-Beta: assistants=v2'.", code="invalid_beta"
            )
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise ApiError("Send the body as it is, without a Content-Encoding.", status=415)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise _too_large(limit)

    def _check_key(self, headers: Headers) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise ApiError("No API key was given. Send it as 'Authorization: Bearer KEY'.", status=401)
        if not hmac.compare_digest(key.strip().encode(), self._api_key):
            raise ApiError("Incorrect API key provided.", status=401, code="invalid_api_key")


def _check_head(scope: Scope) -> None:
    fields = sum(len(name) + len(value) for name, value in scope["headers"])
    size = len(scope["raw_path"]) + len(scope["query_string"]) + fields
    if size > MAX_HEAD_BYTES:
        raise ApiError(f"URL and headers are larger than {MAX_HEAD_BYTES // 1024} KB.", status=431)


def _body_limit(path: str) -> int:
    uploads = (limit + _FORM_BYTES for pattern, limit in _UPLOADS.items() if pattern.fullmatch(path))
    return next(uploads, MAX_BODY_BYTES)


def _limited(receive: Receive, limit: int) -> Receive:
    """Stops a body that is longer than it said, or that doesn't come."""
    received, more = 0, True

    async def receive_limited() -> Message:
        nonlocal received, more
        if not more:
            return await receive()  # waits for the client to leave
        try:
            message = await asyncio.wait_for(receive(), BODY_PATIENCE_S)
        except TimeoutError as error:
            raise ApiError("The rest of the request did not come.", status=408) from error
        more = message.get("more_body", False)
        received += len(message.get("body", b""))
        if received > limit:
            raise _too_large(limit)
        return message

    return receive_limited


def _too_large(limit: int) -> ApiError:
    return ApiError(f"The request is larger than {limit // 1024**2} MB.", status=413)


async def _refuse(error: ApiError, send: Send) -> None:
    body = json.dumps(error.body()).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
