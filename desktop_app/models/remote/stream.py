"""A provider's answer as JSON objects: server-sent events, or one body from a server that does not stream."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from desktop_app.models.remote.faults import CutOffError, NoAnswerError, ReportedError

MAX_OBJECT_BYTES = 8 * 1024 * 1024
"""A line or a body beyond this is no answer, and must not fill the memory."""

_DONE = "[DONE]"


async def read_objects(pieces: AsyncIterator[bytes]) -> AsyncGenerator[dict[str, Any] | None]:
    """The objects of an answer whose bytes are `pieces`; None stands for the `[DONE]` at its end.

    What the bytes are is told by their beginning, because servers name wrong content types. Raises NoAnswerError for
    what is no answer, CutOffError for one that ends in the middle of an object, and ReportedError for `event: error`.
    """
    async with aclosing(_lines(pieces)) as lines:
        event, data, size = "", [], 0
        first = True
        async for line in lines:
            if first and not line.strip():
                continue
            if first and line.lstrip().startswith(("{", "[", "<")):
                yield await _body(line, lines)
                return
            first = False
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
                size += len(value)
                if size > MAX_OBJECT_BYTES:
                    raise NoAnswerError
            elif field == "event":
                event = value
            elif not line and data:
                yield _object(event, data)
                event, data, size = "", [], 0
            elif line and field not in ("", "id", "retry"):
                raise NoAnswerError
        if data:  # the blank line behind the last event is missing: so may be more of it
            try:
                yield _object(event, data)
            except NoAnswerError as error:
                raise CutOffError from error


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[str]:
    """Lines without their ends; bytes that are no UTF-8 are replaced."""
    begun: list[bytes] = []
    size = 0
    async for piece in pieces:
        *whole, rest = piece.split(b"\n")
        if whole:
            yield _text(b"".join((*begun, whole[0])))
            for line in whole[1:]:
                yield _text(line)
            begun, size = [], 0
        begun.append(rest)
        size += len(rest)
        if size > MAX_OBJECT_BYTES:
            raise NoAnswerError
    if size:
        yield _text(b"".join(begun))


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace").removeprefix("\ufeff")


async def _body(first: str, lines: AsyncIterator[str]) -> dict[str, Any]:
    """The one object of a server that answers in one piece."""
    body, size = [first], len(first)
    async for line in lines:
        body.append(line)
        size += len(line)
        if size > MAX_OBJECT_BYTES:
            raise NoAnswerError
    return _parsed("\n".join(body))


def _object(event: str, data: Sequence[str]) -> dict[str, Any] | None:
    text = "\n".join(data)
    return None if text.strip() == _DONE else _parsed(text, is_error=event == "error")


def _parsed(text: str, *, is_error: bool = False) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise (ReportedError.of(text) if is_error else NoAnswerError) from error
    if is_error:
        raise ReportedError.of(given)
    if not isinstance(given, dict):
        raise NoAnswerError
    return given
