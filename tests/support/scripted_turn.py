"""What a scripted provider answers one request with, whichever wire it is asked over."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Turn:
    """What one request is answered with."""

    text: str | list[str] = ""
    """The answer: a string is cut after each space, a list is sent piece by piece."""
    thoughts: list[str] = field(default_factory=list)
    """What the model thinks, piece by piece, before all else."""
    thoughts_in: str = "reasoning_content"
    """Where Chat Completions has them: a field of this name, or "<think>" for the text itself."""
    thoughts_last: bool = False
    """Think behind all else (Chat Completions)."""
    refusal: bool = False
    """The text is a refusal."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Tool calls {name, arguments (JSON text or an object), id?, index?}."""
    calls_first: bool = False
    """Send the calls before the text."""
    rate: float = 0.0
    """Deltas per second; 0: as fast as they go."""
    status: int = 200
    error: str = ""
    """The error body's message, for a status other than 200; `{key}` in it becomes the key that was sent."""
    code: str | None = None
    finish_reason: str | None = None
    usage: tuple[int, int] | None = (100, 20)
    """Prompt and completion tokens; None: this server tells none."""
    details: tuple[int, int] | None = None
    """Of these, tokens that were cached, and tokens of reasoning."""
    whole_calls: bool = False
    """Send each tool call in one piece, as some servers do (Chat Completions: without index and id)."""
    hang: float = 0.0
    """Seconds of silence before the answer begins."""
    hang_after: int | None = None
    """Fall silent after this many deltas, until the client leaves."""
    linger: bool = False
    """Say that the answer is finished, but never end the stream."""
    drop_after: int | None = None
    """Close the connection after this many deltas."""
    page: str = ""
    """Answer with this web page, as a wrong address does."""
    raw: str | None = None
    """Answer 200 with exactly this body."""
    kind: str = "text/event-stream"
    """The content type of `raw`."""
    packed: bytes | None = None
    """Answer with these bytes, saying that they are packed as `packing` says."""
    packing: str = "gzip"
    cut: bool = False
    """Promise more than `raw`, and close the connection behind it."""
    hang_behind: bool = False
    """Fall silent behind a `raw` that is `cut`, until the client leaves."""
    drop: bool = False
    """Close the connection without a byte of an answer."""
    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of an answer with a status other than 200."""
    refuse: list[str] = field(default_factory=list)
    """Answer 400 to a request with one of these parameters; the turn is then played for the next request."""
