"""Images of messages as models get them: addresses as they are, files as their bytes, never fetched from anywhere."""

import base64
from typing import Any

from desktop_app.models.base import Image, ModelError
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Connection
from desktop_app.store.files import file_rows
from desktop_app.wire.limits import MAX_IMAGE_BYTES

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""What the formats begin with that models read; WebP is told by its eighth byte on."""


class ImageReader:
    """Reads the images of one request to a model, as long as they are not too much together."""

    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._connection = connection
        self._blobs = blobs
        self._bytes_left = MAX_IMAGE_BYTES

    def read(self, part: dict[str, Any], at: int) -> Image:
        """The image of a message's part, behind `at` characters of text; raises ModelError with what to do."""
        if part["type"] == "image_file":
            return Image(self._data_url(part["image_file"]["file_id"]), part["image_file"]["detail"], at)
        url: str = part["image_url"]["url"]
        if url[:5].lower() == "data:":
            self._count(len(url) * 3 // 4, "An image")
        return Image(url, part["image_url"]["detail"], at)

    def _data_url(self, file_id: str) -> str:
        row = file_rows(self._connection, [file_id]).get(file_id)
        if row is None:
            raise _refused(f"The image {file_id} of this message has been deleted. Send the message with another one.")
        name = row["filename"]
        self._count(row["bytes"], name)
        try:
            data = self._blobs.path(row["sha256"]).read_bytes()
        except OSError as error:
            raise _refused(f"{name} can't be read: {error.strerror}. Upload it again.") from error
        kind = _media_type(data)
        if kind is None:
            raise _refused(f"{name} is no image that models read. Send it as PNG, JPEG, GIF or WebP.")
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"

    def _count(self, size: int, name: str) -> None:
        if size > self._bytes_left:
            raise _refused(
                f"{name} is too large: all images of a question together may have {MAX_IMAGE_BYTES // 1024**2} MB. "
                "Send a smaller one."
            )
        self._bytes_left -= size


def _media_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES.items() if data.startswith(signature)), None)


def _refused(message: str) -> ModelError:
    return ModelError(message, "invalid_prompt")
