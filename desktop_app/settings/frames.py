"""How a worker process and its owner talk: a length, a JSON object, and the bytes that it announces.

No pickles: a worker that reads hostile files may itself have turned hostile.
"""

import json
import os
import struct
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio  # which a worker has no use for

_LENGTHS = struct.Struct("<II")
MAX_FRAME_BYTES = 256 * 1024 * 1024


def write_frame(stream: IO[bytes], fields: dict[str, Any], attached: bytes = b"") -> None:
    stream.write(packed_frame(fields, attached))
    stream.flush()


def packed_frame(fields: dict[str, Any], attached: bytes = b"") -> bytes:
    head = json.dumps(fields, ensure_ascii=False).encode(errors="surrogatepass")
    return b"".join((_LENGTHS.pack(len(head), len(attached)), head, attached))


def read_frame(
    stream: IO[bytes], most_bytes: int = MAX_FRAME_BYTES, most_head_bytes: int = MAX_FRAME_BYTES
) -> tuple[dict[str, Any], bytes] | None:
    """The next frame; None when the other side is gone, or sends nonsense or more than it may.

    A JSON object takes up to thirty times its length of memory: of a hostile side, `most_head_bytes` should be few.
    """
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_bytes, attached_bytes = _LENGTHS.unpack(lengths)
    if head_bytes > most_head_bytes or head_bytes + attached_bytes > most_bytes:
        return None
    head, attached = stream.read(head_bytes), stream.read(attached_bytes)
    if len(head) < head_bytes or len(attached) < attached_bytes:
        return None
    return _frame(head, attached)


async def receive_frame(stream: "asyncio.StreamReader") -> tuple[dict[str, Any], bytes] | None:
    """As `read_frame`, on an event loop."""
    try:
        head_bytes, attached_bytes = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        if head_bytes + attached_bytes > MAX_FRAME_BYTES:
            return None
        packed = await stream.readexactly(head_bytes + attached_bytes)
    except (EOFError, OSError):
        return None
    return _frame(packed[:head_bytes], packed[head_bytes:])


def _frame(head: bytes, attached: bytes) -> tuple[dict[str, Any], bytes] | None:
    try:
        fields = json.loads(head)
    except (ValueError, RecursionError):
        return None
    return (fields, attached) if isinstance(fields, dict) else None


def stdout_for_frames() -> IO[bytes]:
    """A worker's stdout as a stream of its own; what libraries print from now on goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answers
