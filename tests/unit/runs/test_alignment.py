"""Which sentence of a passage is marked for a claim: on a fixed set, never a wrong one."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles
from desktop_app.models.sentences import split_sentences
from desktop_app.runs.alignment import align, find_verbatim

DATA = json.loads((Path(__file__).parents[2] / "data" / "alignment.json").read_text("utf-8"))
"""`cited` are the beginnings of the sentences that a claim rests on; none: no one place says it."""


@pytest.fixture(scope="module")
def embedder(model_files: ModelFiles) -> Embedder:
    return Embedder(model_files.model, model_files.tokenizer)


def _marked(case: dict[str, Any], embedder: Embedder) -> tuple[set[str], set[str]]:
    """The sentences that were marked, and those that may be."""
    passage = DATA["passages"][case["passage"]]
    sentences = [(start, end, passage[start:end]) for start, end in split_sentences(passage)]
    allowed = {text for _, _, text in sentences if any(cited in text for cited in case["cited"])}
    assert bool(allowed) == bool(case["cited"]), case
    found = align(case["claim"], passage, embedder.embed)
    if found is None:
        return set(), allowed
    return {text for start, end, text in sentences if start < found.end and end > found.start}, allowed


def test_no_claim_of_the_fixed_set_marks_a_wrong_sentence(embedder: Embedder) -> None:
    wrong = [case["claim"] for case in DATA["cases"] if not (outcome := _marked(case, embedder))[0] <= outcome[1]]
    assert len(DATA["cases"]) >= 40
    assert wrong == []


def test_most_claims_of_the_fixed_set_find_their_sentence(embedder: Embedder) -> None:
    answerable = [case for case in DATA["cases"] if case["cited"]]
    found = [case for case in answerable if _marked(case, embedder)[0]]
    assert len(found) >= 0.9 * len(answerable)


def _no_embedder(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
    raise AssertionError("words alone decide here")


@pytest.mark.parametrize("claim", ["", "...", "Is it so?", "【】", "🙂"])
def test_a_claim_without_words_marks_nothing(claim: str) -> None:
    assert align(claim, "The deposit is 250 euros. It is returned.", _no_embedder) is None


def test_an_empty_passage_marks_nothing() -> None:
    assert align("The deposit is 250 euros.", " \n ", _no_embedder) is None


def test_a_word_divided_after_its_hyphen_is_found_verbatim() -> None:
    passage = "Welcome. Part-\ntime colleagues receive leave."
    found = find_verbatim("Part-time colleagues receive leave.", passage)
    assert found is not None
    assert passage[found.start : found.end] == "Part-\ntime colleagues receive leave."


def test_the_same_words_need_no_embedder() -> None:
    passage = "Rent is due monthly. The deposit is 250 euros. Theft is reported within a day."
    found = align("The deposit is 250 euros", passage, _no_embedder)
    assert found is not None
    assert passage[found.start : found.end] == "The deposit is 250 euros."
