"""How passages of documents are shown to a language model: each with its marker next to it."""

from collections.abc import Sequence

from desktop_app.models.base import Passage

NOTHING_FOUND = "The documents hold nothing on this."


def render_passages(passages: Sequence[Passage]) -> str:
    """The passages one after the other, as a tool's result or as part of a prompt."""
    if not passages:
        return NOTHING_FOUND
    return "\n\n".join(f"{passage.marker} {passage.file_name}\n{passage.text}" for passage in passages)


def with_passages(question: str, passages: Sequence[Passage]) -> str:
    """A question preceded by what was found for it."""
    return f"Passages from the documents:\n\n{render_passages(passages)}\n\nQuestion: {question}"
