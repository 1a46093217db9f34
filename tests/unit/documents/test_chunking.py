"""Windows and chunks: sizes, overlaps, natural ends, nothing left out."""

import time
from itertools import pairwise

import pytest

from desktop_app.documents import chunking
from tests.unit.documents.conftest import HashEmbedder

TOKENS = HashEmbedder().tokens
SENTENCE = "The quick brown fox jumps over the lazy dog number {0} today. "
TEXT = "".join(SENTENCE.format(number) + ("\n\n" if number % 10 == 9 else "") for number in range(300))


def cut(text: str, size: int, overlap: int) -> list[tuple[int, int]]:
    return [tuple(span) for span in chunking.chunks(text, TOKENS(text), size, overlap).tolist()]


@pytest.mark.parametrize(("size", "overlap"), [(800, 400), (100, 0), (100, 50), (250, 60), (4096, 2048)])
def test_chunks_cover_the_text_within_their_size(size: int, overlap: int) -> None:
    spans = cut(TEXT, size, overlap)
    covered = set[int]()
    for start, end in spans:
        assert len(TOKENS(TEXT[start:end])) <= size
        covered.update(range(start, end))
    assert all(TEXT[place].isspace() for place in range(len(TEXT)) if place not in covered)
    assert spans == sorted(spans)


@pytest.mark.parametrize(("size", "overlap"), [(800, 400), (100, 50)])
def test_neighbours_share_about_the_overlap(size: int, overlap: int) -> None:
    spans = cut(TEXT, size, overlap)
    for (_, end), (start, _) in pairwise(spans):
        assert overlap <= len(TOKENS(TEXT[start:end])) <= overlap + 0.15 * size


def test_chunks_begin_and_end_with_sentences() -> None:
    for start, end in cut(TEXT, 200, 50):
        assert TEXT[start:end].startswith("The ")
        assert TEXT[start:end].endswith("today.")


def test_rows_of_a_table_are_not_broken() -> None:
    table = "\n".join(f"Item: Nail {number}; Price: {number},50; Note: sold in boxes of ten" for number in range(200))
    for start, end in cut(table, 100, 30):
        assert all(line.startswith("Item: ") and line.endswith("ten") for line in table[start:end].split("\n"))


def test_a_short_text_is_one_chunk() -> None:
    assert cut("  Only this.\n", 800, 400) == [(2, 12)]


def test_text_without_any_end_is_still_cut() -> None:
    text = "!" * 1000
    spans = cut(text, 100, 50)
    assert max(end - start for start, end in spans) <= 100
    assert spans[-1][1] == 1000


def test_a_window_and_its_header_fit_the_embedder() -> None:
    name = "A rather long name of a report - final version (2), corrected.pdf"
    offsets = TOKENS(TEXT)
    spans = chunking.windows(TEXT, offsets, name, TOKENS).tolist()
    sizes = [len(TOKENS(chunking.header(name) + TEXT[start:end])) for start, end in spans]
    assert max(sizes) <= chunking.WINDOW_TOKENS
    assert min(sizes[:-1]) > 0.75 * chunking.WINDOW_TOKENS


def test_an_endless_file_name_leaves_room_for_the_text() -> None:
    offsets = TOKENS(TEXT)
    name = "a.b" * 1000
    spans = chunking.windows(TEXT, offsets, name, TOKENS).tolist()
    assert max(len(TOKENS(chunking.header(name) + TEXT[start:end])) for start, end in spans) <= chunking.WINDOW_TOKENS


def test_a_word_without_end_is_cut() -> None:
    offsets = chunking.bounded(TOKENS("short " + "x" * 100_000 + " short"))
    spans = chunking.chunks("short " + "x" * 100_000 + " short", offsets, 800, 400).tolist()
    assert max(end - start for start, end in spans) <= 800 * 40
    assert offsets[0].tolist() == [0, 5]
    assert offsets[-1].tolist() == [100_007, 100_012]


def test_words_of_usual_length_are_not_cut() -> None:
    assert chunking.bounded(TOKENS(TEXT)).tolist() == TOKENS(TEXT).tolist()
    assert chunking.bounded(TOKENS("")).tolist() == []


def test_a_book_is_cut_in_no_time() -> None:
    text = TEXT * 200
    offsets = TOKENS(text)
    started = time.process_time()
    assert len(chunking.chunks(text, offsets, 800, 400)) > 1000
    assert time.process_time() - started < 2
