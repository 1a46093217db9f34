"""Pictures that come out of a worker: nothing but a PNG of a bearable size is passed on."""

import base64
import binascii
import struct
from typing import Any

from desktop_app.interpreter.base import Picture
from desktop_app.interpreter.figures import MAX_PIXELS

MAX_BYTES = 10 * 1024 * 1024
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">I4sII")


def read(encoded: Any) -> Picture | None:
    """The picture in a frame; None when it isn't one, or is too large to be shown safely."""
    if not isinstance(encoded, str) or len(encoded) > MAX_BYTES * 4 // 3 + 4:
        return None
    try:
        png = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(png) > MAX_BYTES or not png.startswith(_SIGNATURE) or len(png) < len(_SIGNATURE) + _HEADER.size:
        return None
    length, kind, width, height = _HEADER.unpack_from(png, len(_SIGNATURE))
    if length != 13 or kind != b"IHDR" or not 0 < width * height <= MAX_PIXELS:
        return None
    return Picture(png)
