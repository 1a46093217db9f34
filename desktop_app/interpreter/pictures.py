"""Pictures that come out of a worker: nothing but a PNG of a bearable size is passed on."""

import struct

from desktop_app.interpreter.base import Picture
from desktop_app.interpreter.figures import MAX_PIXELS

MAX_BYTES = 10 * 1024 * 1024
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">I4sII")


def read(png: bytes) -> Picture | None:
    """The picture that a worker sent; None when it isn't one, or is too large to be shown safely."""
    if len(png) > MAX_BYTES or not png.startswith(_SIGNATURE) or len(png) < len(_SIGNATURE) + _HEADER.size:
        return None
    length, kind, width, height = _HEADER.unpack_from(png, len(_SIGNATURE))
    if length != 13 or kind != b"IHDR" or not 0 < width * height <= MAX_PIXELS:
        return None
    return Picture(png)
