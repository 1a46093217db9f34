"""What a place that answers come from has in common: the reader, a provider, the models of this computer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop_app.models.base import Model

THIS_COMPUTER = "this computer"
"""What a person calls the place where nothing leaves the machine."""


@dataclass(frozen=True)
class ListedModel:
    """A model as its source lists it. `name` is the source's own; `created` is Unix seconds, 0: unknown.

    `context_tokens` 0, and None elsewhere: unknown. Prices are US dollars per million tokens. `answers` is false for
    what makes vectors, pictures or sound.
    """

    name: str
    created: int = 0
    owned_by: str = ""
    context_tokens: int = 0
    input_price: float | None = None
    output_price: float | None = None
    sees_images: bool | None = None
    calls_tools: bool | None = None
    answers: bool = True


@dataclass(frozen=True)
class Listing:
    """A source's models. `is_stale`: the source does not answer now, and this is what it said last."""

    models: Sequence[ListedModel] = ()
    is_stale: bool = False


class Source(Protocol):
    """`id` is the first part of its models' qualified names ("ollama/llama3.2")."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def where(self) -> str:
        """What a person calls the place where a question goes to: `THIS_COMPUTER`, or the name and the host."""

    @property
    def runs_here(self) -> bool: ...

    async def listing(self, *, refresh: bool = False) -> Listing:
        """Its models; `refresh` asks again instead of answering what is known. Raises ModelError."""

    async def model(self, name: str) -> Model:
        """One of its models, by the source's own name; raises ModelError."""
