"""What a person can fill in for an assistant, and how it goes over the wire. No Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai.types.beta import Assistant

MAX_TOKENS_KEY = "max_completion_tokens"
"""The key of an assistant's metadata that limits the length of its answers in this window: runs have this limit,
assistants have none."""
CODE_TOOL = "code_interpreter"
_DEFAULT = 1.0
"""The protocol's temperature and top_p where none is set."""


@dataclass(frozen=True)
class AssistantFields:
    """What a person filled in; None is the model's own choice. `max_tokens` is 256 at least."""

    name: str
    instructions: str
    model: str
    temperature: float | None = None
    top_p: float | None = None
    reasoning_effort: str | None = None
    max_tokens: int | None = None
    runs_code: bool = False

    @classmethod
    def of(cls, assistant: "Assistant") -> "AssistantFields":
        limit = str((assistant.metadata or {}).get(MAX_TOKENS_KEY, ""))
        effort: str | None = getattr(assistant, "reasoning_effort", None)
        return cls(
            assistant.name or "",
            assistant.instructions or "",
            assistant.model,
            None if assistant.temperature in (None, _DEFAULT) else assistant.temperature,
            None if assistant.top_p in (None, _DEFAULT) else assistant.top_p,
            effort or None,
            int(limit) if limit.isdecimal() else None,
            runs_code(assistant),
        )

    def params(self, assistant: "Assistant | None" = None) -> dict[str, Any]:
        """The parameters of a creation, or of a modification of `assistant`, whose other metadata and tools stay."""
        metadata = assistant.metadata or {} if assistant is not None else {}
        kept = {key: value for key, value in metadata.items() if key != MAX_TOKENS_KEY}
        tools: list[Any] = [{"type": "file_search"}] if assistant is None else list(assistant.tools)
        tools = [tool for tool in tools if isinstance(tool, dict) or tool.type != CODE_TOOL]
        return {
            "name": self.name,
            "instructions": self.instructions,
            "model": self.model,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "reasoning_effort": self.reasoning_effort,
            "tools": [*tools, {"type": CODE_TOOL}] if self.runs_code else tools,
            "metadata": kept | ({MAX_TOKENS_KEY: str(self.max_tokens)} if self.max_tokens is not None else {}),
        }


def runs_code(assistant: "Assistant") -> bool:
    """Whether it has the code interpreter."""
    return any(tool.type == CODE_TOOL for tool in assistant.tools)


def longest_answer(assistant: "Assistant | None") -> int | None:
    """The limit for a run of this assistant, in tokens."""
    return AssistantFields.of(assistant).max_tokens if assistant is not None else None
