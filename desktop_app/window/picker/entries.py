"""The rows of the list of models: grouped by provider, found by words, each with what is known about it. No Qt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.window.rows import Row
from desktop_app.wire.answers import READER_MODEL, READER_PROVIDER

if TYPE_CHECKING:
    from desktop_app.client.models import ModelEntry
    from desktop_app.wire.models import ModelExtension

READER = "Built-in reader"
ON_THIS_COMPUTER = "On this computer"


def rows_of(models: "Sequence[ModelEntry]", search: str, assistants_model: str) -> list[Row]:
    """Headings (with the id "") and the models below them that have every word of `search` in them."""
    words = search.lower().split()
    groups: dict[str, list[Row]] = {}
    for entry in models:
        group, row = _row(entry, assistants_model)
        if all(word in f"{group} {entry.id} {row.title}".lower() for word in words):
            groups.setdefault(group, []).append(row)
    return [row for group, found in groups.items() for row in (Row("", group, ""), *found)]


def short_name(model: str, answering: "ModelExtension | None") -> str:
    """What stands on the button in the composer."""
    if model == READER_MODEL or (answering is not None and answering.provider_id == READER_PROVIDER):
        return READER
    return answering.name if answering is not None else model


def _row(entry: "ModelEntry", assistants_model: str) -> tuple[str, Row]:
    told = entry.deskside
    is_reader = entry.id == READER_MODEL
    facts = "Quotes your documents; no key, no network" if is_reader else _facts(told) if told is not None else ""
    if entry.id == assistants_model:
        facts = " · ".join(each for each in ("this assistant's model", facts) if each)
    title = READER if is_reader else told.name if told is not None else entry.id
    here = is_reader or (told is not None and told.runs_here)
    group = ON_THIS_COMPUTER if is_reader else told.provider_name if told is not None else "Models"
    return group, Row(entry.id, title, facts, "computer" if here else "globe")


def _facts(told: "ModelExtension") -> str:
    """`128k tokens of context · $2.50 in, $10 out per million tokens`."""
    facts = []
    if told.context_tokens:
        facts.append(f"{_thousands(told.context_tokens)} tokens of context")
    if told.input_price is not None and told.output_price is not None:
        free = not told.input_price and not told.output_price
        prices = f"{_dollars(told.input_price)} in, {_dollars(told.output_price)} out per million tokens"
        facts.append("free" if free else prices)
    return " · ".join(facts)


def _thousands(count: int) -> str:
    return f"{count / 1e6:.2g}M" if count >= 1_000_000 else f"{round(count / 1000)}k" if count >= 1000 else str(count)


def _dollars(price: float) -> str:
    return f"${price:.2f}" if price >= 0.1 or not price else f"${price:.3f}"
