"""The words in a provider's objects, in whatever shape they come."""

from typing import Any

from desktop_app.models.remote.faults import NoAnswerError


def text_of(content: Any) -> str:
    """The text of a `content`: a string, null, or a list of parts of which those with a text count."""
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(text_of(part.get("text")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise NoAnswerError
    return content


def expect(kind: type[Any], given: Any) -> Any:
    """`given`, if it is of this kind; raises NoAnswerError."""
    if not isinstance(given, kind):
        raise NoAnswerError
    return given


class WordJoiner:
    """Puts together characters that a server cut into halves of a surrogate pair, and replaces lone halves.

    Half a pair is no text: it can be neither stored nor sent.
    """

    def __init__(self) -> None:
        self._half = ""

    def join(self, text: str) -> str:
        """`text` without a half at its end, which waits for its other half."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return _mended(text.removesuffix(self._half))

    def rest(self) -> str:
        """What still waits, once there is no more."""
        half, self._half = self._half, ""
        return _mended(half)


def _mended(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
