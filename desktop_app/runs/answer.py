"""One message as it grows: told on the run's channel at once, and saved soon."""

from typing import Any

from desktop_app.runs.channel import RunChannel
from desktop_app.runs.saver import TextSaver


class Answer:
    """The text so far and its annotations."""

    def __init__(self, message_id: str, channel: RunChannel, saver: TextSaver) -> None:
        self.message_id = message_id
        self.annotations: list[dict[str, Any]] = []
        self.length = 0
        """Code points so far."""
        self._pieces: list[str] = []
        self._channel = channel
        self._saver = saver

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
        self._channel.send_text(self.message_id, mark, self._annotate(mark, start, citation))

    def cite_later(self, mark: str, start: int, citation: dict[str, Any]) -> None:
        """Annotate a mark that was added as text before."""
        self._channel.send_text(self.message_id, "", self._annotate(mark, start, citation))

    def close(self) -> None:
        """No more is added; whoever ends the message writes it."""
        self._saver.forget(self.message_id)

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)
        self._saver.changed(self.message_id, lambda: (self.text, list(self.annotations)))

    def _annotate(self, mark: str, start: int, citation: dict[str, Any]) -> dict[str, Any]:
        annotation = {
            "type": "file_citation",
            "text": mark,
            "start_index": start,
            "end_index": start + len(mark),
            "file_citation": citation,
        }
        self.annotations.append(annotation)
        return {"index": len(self.annotations) - 1, **annotation}
