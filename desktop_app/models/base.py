"""The interface every source of answers has: a request for one turn goes in, a stream of parts comes out."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Passage:
    """A piece of a document, found for the question. `marker` is what an answer writes to cite it: `[3]`."""

    marker: str
    file_name: str
    text: str
    score: float


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asked for; `arguments` is the JSON text exactly as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Image:
    """A picture in a turn, behind the first `at` characters of its text. `url` is https:, http: or data:."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"
    at: int = 0


@dataclass(frozen=True)
class Turn:
    """One entry of the conversation as a model sees it.

    `role` tool answers the call `call_id`; an assistant's turn may carry `calls` besides its text. `images` come in
    the order of their places. `thoughts` are those of `Finished`, for the provider that gave them and within a run.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: Sequence[ToolCall] = ()
    call_id: str | None = None
    images: Sequence[Image] = ()
    thoughts: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class FunctionTool:
    """A tool as models know it: every tool of ours reaches them as a function."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool | None = None


@dataclass(frozen=True)
class ModelRequest:
    """One turn asked of a model. `passages` is set when the engine searched first; then no search tool is offered."""

    model: str
    turns: Sequence[Turn]
    tools: Sequence[FunctionTool] = ()
    tool_choice: Any = "auto"
    passages: Sequence[Passage] | None = None
    temperature: float | None = None
    top_p: float | None = None
    reasoning_effort: str | None = None
    max_completion_tokens: int | None = None
    response_format: Any = None
    format_is_wish: bool = False
    """Whether an answer in another format will do, where the model can't be held to this one."""
    parallel_tool_calls: bool = True


@dataclass(frozen=True)
class TextDelta:
    text: str


@dataclass(frozen=True)
class ReasoningDelta:
    """What the model thinks before it answers or calls; never part of its answer."""

    text: str


@dataclass(frozen=True)
class Waiting:
    """The provider refused for the moment; it is asked again after a pause. Comes before all other parts."""


@dataclass(frozen=True)
class Preparing:
    """The model is made ready to answer; `text` says how, for people. Comes before all other parts."""

    text: str


@dataclass(frozen=True)
class CallStarted:
    """The model begins a tool call; `index` counts the calls of this turn from 0."""

    index: int
    id: str
    name: str


@dataclass(frozen=True)
class CallArguments:
    index: int
    fragment: str


@dataclass(frozen=True)
class Usage:
    """Tokens of this turn; where a provider tells none, the source of the answer counts or estimates them.

    `cached_tokens` are among the prompt's, `reasoning_tokens` among the completion's.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(mine + more for mine, more in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(*(mine - less for mine, less in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Finished:
    """The last part of a stream. `reason` length: the token limit cut the answer off.

    `thoughts` are opaque: what the provider wants to see again with the turn's calls.
    """

    reason: Literal["stop", "tool_calls", "length", "content_filter"] = "stop"
    usage: Usage = field(default_factory=Usage)
    thoughts: Sequence[dict[str, Any]] = ()


ModelPart = TextDelta | ReasoningDelta | Waiting | Preparing | CallStarted | CallArguments | Finished


class ModelError(Exception):
    """The source of answers failed. `code` is the protocol's `last_error.code`; the message names the remedy.

    `too_long`: the request is more than the model can read, so a shorter one may do.
    """

    def __init__(
        self,
        message: str,
        code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"],
        *,
        too_long: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.too_long = too_long


class Model(Protocol):
    """A source of answers."""

    @property
    def name(self) -> str:
        """What `run.deskside.answered_by` says: "reader", or the provider's model name."""

    @property
    def calls_tools(self) -> bool:
        """Whether it can decide to call tools. If not, the engine searches first, and the source offers a request's
        tools in words, if it has a language model. May turn false after a refusal."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The parts of one turn, ending with `Finished`; closing the iterator stops the provider's request.

        Raises ModelError.
        """
        ...
