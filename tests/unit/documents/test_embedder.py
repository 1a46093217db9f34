from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles


@pytest.fixture(scope="module")
def minilm(model_files: ModelFiles) -> Embedder:
    return Embedder(model_files.model, model_files.tokenizer)


def cosine(embedder: Embedder, first: str, second: str) -> float:
    vectors = embedder.embed([first, second])
    return float(vectors[0] @ vectors[1])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # as the documentation of sentence-transformers prints them for all-MiniLM-L6-v2; int8 costs a little
        ("The weather is lovely today.", "It's so sunny outside!", 0.666),
        ("The weather is lovely today.", "He drove to the stadium.", 0.105),
        ("It's so sunny outside!", "He drove to the stadium.", 0.141),
    ],
)
def test_cosines_are_those_of_the_official_model(minilm: Embedder, first: str, second: str, expected: float) -> None:
    assert cosine(minilm, first, second) == pytest.approx(expected, abs=0.03)


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(minilm: Embedder) -> None:
    texts = ["", "a", "leave " * 2000, "\x00", "年次有給休暇", "x" * 1_000_000]
    together = minilm.embed(texts)
    assert together.shape == (len(texts), 384)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert (minilm.embed([texts[2]])[0] == together[2]).all()
    assert minilm.embed([]).shape == (0, 384)


def test_text_beyond_256_tokens_does_not_count(minilm: Embedder) -> None:
    beginning = "notice period " * 127
    assert cosine(minilm, beginning, beginning + "bicycle " * 500) == pytest.approx(1.0, abs=1e-5)


def test_many_threads_get_the_vectors_that_one_gets(minilm: Embedder) -> None:
    texts = [f"sentence number {number} about leave" for number in range(24)]
    expected = minilm.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda text: minilm.embed([text])[0], texts))
    assert (np.stack(alone) == expected).all()


def test_a_text_is_read_token_by_token_in_context(minilm: Embedder) -> None:
    text = "Annual leave"
    spans, vectors = minilm.read(text)
    assert spans.tolist() == [[0, 0], [0, 6], [7, 12], [0, 0]]
    mean = vectors.mean(axis=0)
    assert mean / np.linalg.norm(mean) == pytest.approx(minilm.embed([text])[0], abs=1e-6)
    _, elsewhere = minilm.read("Please leave")
    assert not np.allclose(vectors[2], elsewhere[2], atol=0.1)
    assert minilm.read("leave " * 2000)[1].shape == (256, 384)
    assert minilm.read("")[1].shape == (2, 384)


def test_tokens_are_places_in_the_text(minilm: Embedder) -> None:
    text = "Größe: naïve 👍🏽 Leave-days, 年休"
    pieces = [text[start:end] for start, end in minilm.tokens(text).tolist()]
    assert "".join(pieces) == text.replace(" ", "")
    assert minilm.tokens("").shape == (0, 2)
    assert minilm.tokens(" \n ").shape == (0, 2)


def test_tokens_of_a_long_text_are_those_of_its_parts(minilm: Embedder) -> None:
    line = "The quick brown foxes jumped over the lazy dogs.\n"
    spans = minilm.tokens(line * 10_000)
    alone = minilm.tokens(line)
    assert len(spans) == len(alone) * 10_000
    assert (spans[-len(alone) :] == alone + len(line) * 9_999).all()
    assert (np.diff(spans[:, 0]) > 0).all()


def test_quantised_vectors_keep_their_direction(minilm: Embedder) -> None:
    vectors = minilm.embed(["annual leave", "notice period", "bicycle"])
    quantised = minilm.quantise(vectors)
    assert quantised.dtype == np.int8
    restored = quantised.astype(np.float32)
    restored /= np.linalg.norm(restored, axis=1, keepdims=True)
    assert (restored * vectors).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-3)
    assert not minilm.quantise(np.zeros((1, 384), np.float32)).any()
