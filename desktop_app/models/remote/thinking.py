"""Thoughts that a model writes into its text, between `<think>` and `</think>` at its beginning."""

from collections.abc import Iterator

from desktop_app.models.base import ReasoningDelta, TextDelta

_OPENING, _CLOSING = "<think>", "</think>"


class ThinkSplitter:
    """Tells thoughts from text, piece by piece; what may still be half a tag waits.

    A tag later in the text is text: the model may be writing about tags. Thoughts that are never closed stay thoughts.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._state = "before"  # the opening tag, then "within" it, then "behind" the closing one, then "text"

    def split(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        if self._state == "text":
            yield TextDelta(text)
            return
        text, self._waiting = self._waiting + text, ""
        if self._state == "before":
            begun = text.lstrip()
            if begun.startswith(_OPENING):
                self._state, text = "within", begun.removeprefix(_OPENING)
            elif _OPENING.startswith(begun):
                self._waiting = text
                return
            else:
                self._state = "text"
        if self._state == "within":
            thought, closed, text = text.partition(_CLOSING)
            if closed:
                self._state = "behind"
            else:
                self._waiting = _half_tag(thought)
                thought = thought.removesuffix(self._waiting)
            if thought:
                yield ReasoningDelta(thought)
        if self._state == "behind" and (text := text.lstrip("\n")):
            self._state = "text"
        if self._state == "text" and text:
            yield TextDelta(text)

    def rest(self) -> Iterator[TextDelta | ReasoningDelta]:
        """What still waits, once there is no more."""
        if self._waiting:
            yield ReasoningDelta(self._waiting) if self._state == "within" else TextDelta(self._waiting)
            self._waiting = ""


def _half_tag(text: str) -> str:
    """The longest end of `text` that may become the closing tag."""
    return next((_CLOSING[:size] for size in range(len(_CLOSING) - 1, 0, -1) if text.endswith(_CLOSING[:size])), "")
