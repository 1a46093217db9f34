"""What a wire is: how a request is written on it, and how an answer is read."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

from desktop_app.models.base import ModelPart, ModelRequest


class Reading(Protocol):
    """One answer as it comes."""

    @property
    def begun(self) -> bool:
        """Whether anything came that belongs to an answer."""

    @property
    def complete(self) -> bool:
        """Whether the model has said that it is finished, whatever becomes of the connection."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to come, usage included."""

    def read(self, given: dict[str, Any] | None) -> list[ModelPart]:
        """The parts that an object of the stream brings; None is its `[DONE]`. Raises AnswerError."""

    def finish(self) -> list[ModelPart]:
        """What was held back, and `Finished`; raises CutOffError or NoAnswerError when that was not all."""


@dataclass(frozen=True)
class Wire:
    """A way to speak to a provider. `name` is what a person calls it, `path` follows the base URL."""

    name: str
    path: str
    optional: Sequence[str]
    """What a provider may refuse of a body, and an answer can do without."""
    body: Callable[[ModelRequest, AbstractSet[str]], dict[str, Any]]
    """The body of a request, without what the model was found to refuse."""
    reading: Callable[[ModelRequest], Reading]
    instead: str = ""
    """What to do about a server that does not know this wire, where another one is known by more servers."""
