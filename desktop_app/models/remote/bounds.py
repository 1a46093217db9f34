"""Bounds of what a provider can make us hold in memory: its answers are unpacked here, a little at a time."""

import zlib
from collections.abc import AsyncIterator

import httpx2

from desktop_app.models.remote.faults import NoAnswerError

MAX_WHOLE_BYTES = 8 * 1024 * 1024
"""Of a body that is read as a whole: an error, or the list of models."""
_PIECE_BYTES = 256 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32

ACCEPT = {"Accept-Encoding": "identity"}
"""A packed answer is not asked for; some gateways pack it nonetheless."""


async def bound(response: httpx2.Response) -> None:
    """Hook of an HTTP client, before a body is read. Raises NoAnswerError for a packing that was never asked for."""
    packing = response.headers.pop("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip", "deflate"):
        await response.aclose()
        raise NoAnswerError
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    is_answer = response.request.method == "POST" and response.status_code == 200
    response.stream = _Bounded(
        response.stream, packed=packing not in ("identity", ""), limit=None if is_answer else MAX_WHOLE_BYTES
    )


class _Bounded(httpx2.AsyncByteStream):
    """Pieces of at most `_PIECE_BYTES` unpacked bytes; reading them raises NoAnswerError beyond `limit`."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, packed: bool, limit: int | None) -> None:
        self._stream = stream
        self._packed = packed
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        unpacker = zlib.decompressobj(_GZIP_OR_ZLIB) if self._packed else None
        async for given in self._stream:
            piece, rest = (given, b"") if unpacker is None else _unpacked(unpacker, given)
            while piece:
                size += len(piece)
                if self._limit is not None and size > self._limit:
                    raise NoAnswerError
                yield piece
                piece, rest = (b"", b"") if unpacker is None else _unpacked(unpacker, rest)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _unpacked(unpacker: "zlib._Decompress", given: bytes) -> tuple[bytes, bytes]:
    """The next bytes, and what of `given` is not unpacked yet."""
    try:
        return unpacker.decompress(given, _PIECE_BYTES), unpacker.unconsumed_tail
    except zlib.error as error:
        raise NoAnswerError from error
