"""One message as it grows: told on the run's channel at once, and saved soon."""

from collections.abc import Sequence
from typing import Any

from desktop_app.runs.channel import RunChannel
from desktop_app.runs.saver import TextSaver


class Answer:
    """The text so far and its annotations, behind the `images` (ids of files) that the run has drawn for it."""

    def __init__(self, message_id: str, channel: RunChannel, saver: TextSaver, images: Sequence[str] = ()) -> None:
        self.message_id = message_id
        self.annotations: list[dict[str, Any]] = []
        self.length = 0
        """Code points so far."""
        self._pieces: list[str] = []
        self._channel = channel
        self._saver = saver
        self._images = [
            {"type": "image_file", "image_file": {"file_id": file_id, "detail": "auto"}} for file_id in images
        ]
        channel.send_images(message_id, self._images)

    @property
    def content(self) -> list[dict[str, Any]]:
        """The parts of the message so far."""
        if self._images and not self.length:
            return list(self._images)
        text = {"type": "text", "text": {"value": self.text, "annotations": list(self.annotations)}}
        return [*self._images, text]

    @property
    def text(self) -> str:
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def add(self, text: str) -> None:
        self._append(text)
        self._channel.send_text(self.message_id, text)

    def cite(self, mark: str, citation: dict[str, Any]) -> None:
        """Append the text `mark` with its annotation; `citation` is the `file_citation`."""
        start = self.length
        self._append(mark)
        annotation = self._annotate("file_citation", mark, start, citation)
        self._channel.send_text(self.message_id, mark, annotation)

    def annotate(self, kind: str, text: str, start: int, details: dict[str, Any]) -> None:
        """Annotate what was added as text before: a `file_citation` or a `file_path`, with its details."""
        self._channel.send_text(self.message_id, "", self._annotate(kind, text, start, details))

    def close(self) -> None:
        """No more is added; whoever ends the message writes it."""
        self._saver.forget(self.message_id)

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)
        self._saver.changed(self.message_id, lambda: self.content)

    def _annotate(self, kind: str, text: str, start: int, details: dict[str, Any]) -> dict[str, Any]:
        annotation = {
            "type": kind,
            "text": text,
            "start_index": start,
            "end_index": start + len(text),
            kind: details,
        }
        self.annotations.append(annotation)
        return {"index": len(self.annotations) - 1, **annotation}
