"""How a worker and its host talk: a length, then a JSON object. The host takes every frame for hostile."""

import json
import struct
from typing import IO, Any

_LENGTH = struct.Struct("<I")
MAX_BYTES = 32 * 1024 * 1024


class BadFrameError(Exception):
    """The other side sent what no honest side sends."""


def pack(fields: dict[str, Any]) -> bytes:
    body = json.dumps(fields).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def read(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next frame, an object with a `kind`; None at the end of the stream. Raises BadFrameError."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_BYTES:
        raise BadFrameError(f"a frame of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:  # nested a hundred thousand times, for one
        raise BadFrameError(type(error).__name__) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
        raise BadFrameError("a frame without a kind")
    return fields
