import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
import tantivy

from desktop_app.documents.filters import FilterError
from desktop_app.documents.search import Search
from desktop_app.store.tables import chunks, files, vector_store_files, vector_stores
from tests.unit.documents.conftest import Library
from tests.unit.documents.searchable import EMBEDDER, add_searchable, delete, take_out

LEAVE = "Employees receive 27 days of paid annual leave. Unused leave ends in March."
NOTICE = "The notice period for landlords is three months. It must be given in writing."
BICYCLE = "A bicycle rental costs 15 euros per day, helmets are included."

HOSTILE = [
    "",
    " ",
    "\x00",
    "a\x00b leave",
    '"',
    '"leave',
    "'; DROP TABLE chunks; --",
    "NEAR(",
    "a AND",
    "OR",
    "NOT leave",
    "IN [",
    "(((",
    ")))",
    "t:x",
    "terms:leave",
    "leave^",
    "leave^9999999999",
    "leave~",
    "+leave -days",
    "*",
    "/[a-/",
    "\\",
    "word " * 5000,
    "x" * 100_000,
    "👩‍👩‍👧‍👦 🏖️",
    "\ud800 leave",
    "年次有給休暇",
    "\u202eleave\u202c",
]


@pytest.fixture
def index_dir(library: Library) -> Path:
    return library.database.path.parent / "index"


@pytest.fixture
def search(library: Library, index_dir: Path) -> Iterator[Search]:
    search = Search(library.database, index_dir, lambda: EMBEDDER)  # type: ignore[arg-type, return-value]  # quick
    yield search
    search.close()


def found(search: Search, query: str, **options: object) -> list[str]:
    return [hit.file_id for hit in search.search(["vs_1"], [query], 10, **options)]  # type: ignore[arg-type]


def test_the_file_that_answers_comes_first(library: Library, search: Search) -> None:
    leave = add_searchable(library, "handbook.txt", LEAVE)
    add_searchable(library, "lease.txt", NOTICE)
    hits = search.search(["vs_1"], ["How many days of annual leave?"], 10)
    assert hits[0].file_id == leave
    assert (hits[0].file_name, hits[0].text, hits[0].start, hits[0].end) == ("handbook.txt", LEAVE, 0, len(LEAVE))
    assert 0 < hits[0].score <= 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_what_became_searchable_before_a_search_is_found_by_it(library: Library, search: Search) -> None:
    assert found(search, "leave") == []
    first = add_searchable(library, "a.txt", LEAVE)
    assert found(search, "leave") == [first]
    second = add_searchable(library, "b.txt", BICYCLE)
    assert found(search, "bicycle rental")[0] == second


def test_a_chunk_over_several_pages_is_their_text_as_the_document_has_it(library: Library, search: Search) -> None:
    add_searchable(library, "a.txt", ["first page", "", "Größe 👍 leave", "last"])
    assert [hit.text for hit in search.search(["vs_1"], ["leave"], 10)] == ["first page\n\nGröße 👍 leave\nlast"]


def test_chunks_in_the_middle_of_pages_are_cut_by_their_offsets(library: Library, search: Search) -> None:
    pages = [" ".join(f"word{page}x{number}" for number in range(90)) for page in range(4)]
    add_searchable(library, "a.txt", pages, chunk_tokens=100)
    text = "\n".join(pages)
    hits = search.search(["vs_1"], ["word2x50"], 50)
    assert len(hits) > 5
    assert "word2x50" in hits[0].text
    assert all(hit.text == text[hit.start : hit.end] for hit in hits)


@pytest.mark.parametrize("remove", [take_out, delete])
def test_a_removed_file_is_not_found_and_leaves_nothing_in_the_index(
    library: Library, search: Search, index_dir: Path, remove: object
) -> None:
    gone = add_searchable(library, "secret.txt", "The password is xylophonequartz. " + LEAVE)
    stays = add_searchable(library, "lease.txt", NOTICE)
    assert gone in found(search, "xylophonequartz")
    assert _terms_on_disk(index_dir, "xylophonequartz")
    remove(library, gone)  # type: ignore[operator]  # one of the two functions
    assert found(search, "xylophonequartz leave") == [stays]
    assert _terms_on_disk(index_dir, "xylophonequartz")
    search.purge("vs_1")
    assert not _terms_on_disk(index_dir, "xylophonequartz")
    assert not _on_disk(index_dir, b"xylophonequartz")
    assert not _on_disk(index_dir, gone.encode())
    assert not _on_disk(index_dir, gone.encode("utf-32-le"))
    assert found(search, "notice") == [stays]


def test_purging_needs_no_search_in_between(library: Library, search: Search, index_dir: Path) -> None:
    gone = add_searchable(library, "secret.txt", "The password is xylophonequartz.")
    found(search, "password")
    take_out(library, gone)
    search.purge("vs_1")
    assert not _terms_on_disk(index_dir, "xylophonequartz")


def test_a_chunk_that_the_index_still_holds_is_not_shown_once_it_is_deleted(library: Library, search: Search) -> None:
    gone = add_searchable(library, "a.txt", LEAVE)
    stays = add_searchable(library, "b.txt", LEAVE + " Really.")
    found(search, "leave")
    library.execute(chunks.delete().where(chunks.c.file_id == gone))  # the index is not told
    assert found(search, "leave") == [stays]


def test_expired_and_unfinished_files_are_not_found(library: Library, search: Search) -> None:
    expired, unfinished, ready = (add_searchable(library, f"{name}.txt", LEAVE) for name in "abc")
    library.execute(files.update().where(files.c.id == expired).values(expires_at=int(time.time()) - 1))
    library.execute(
        vector_store_files.update().where(vector_store_files.c.file_id == unfinished).values(status="in_progress")
    )
    assert found(search, "leave") == [ready]


def test_forgetting_removes_the_folder_and_tidying_removes_those_of_deleted_stores(
    library: Library, search: Search, index_dir: Path
) -> None:
    library.add_store("vs_2")
    for store in ("vs_1", "vs_2"):
        add_searchable(library, "a.txt", LEAVE, store)
        search.search([store], ["leave"], 10)
    search.forget("vs_1")
    assert [path.name for path in index_dir.iterdir()] == ["vs_2"]
    library.execute(vector_stores.delete().where(vector_stores.c.id == "vs_2"))
    search.tidy()
    assert list(index_dir.iterdir()) == []


def test_tidying_purges_what_was_removed_before_a_kill(library: Library, search: Search, index_dir: Path) -> None:
    gone = add_searchable(library, "secret.txt", "The password is xylophonequartz.")
    found(search, "password")
    take_out(library, gone)
    Search(library.database, index_dir, lambda: EMBEDDER).tidy()  # type: ignore[arg-type, return-value]  # quick
    assert not _terms_on_disk(index_dir, "xylophonequartz")


def test_several_stores_and_several_queries_share_one_ranking(library: Library, search: Search) -> None:
    library.add_store("vs_2")
    leave = add_searchable(library, "a.txt", LEAVE)
    notice = add_searchable(library, "b.txt", NOTICE, "vs_2")
    add_searchable(library, "c.txt", BICYCLE, "vs_2")
    hits = search.search(["vs_1", "vs_2", "vs_1"], ["annual leave days", "notice period landlords"], 2)
    assert {(hit.vector_store_id, hit.file_id) for hit in hits} == {("vs_1", leave), ("vs_2", notice)}


def test_the_file_name_counts_but_is_not_shown(library: Library, search: Search) -> None:
    texts = [add_searchable(library, f"report_{year}.txt", "Revenue grew.") for year in (2021, 2022, 2023)]
    hits = search.search(["vs_1"], ["revenue in the report 2022"], 10)
    assert hits[0].file_id == texts[1]
    assert hits[0].text == "Revenue grew."


def test_a_selective_filter_still_fills_the_page(library: Library, search: Search) -> None:
    add_searchable(
        library, "long.txt", "leave leave leave and more. " * 3000, chunk_tokens=100
    )  # far above 200 chunks
    wanted = {
        add_searchable(library, f"x{number}.txt", f"some other words about leave {number}", attributes={"year": 2024})
        for number in range(12)
    }
    hits = found(search, "leave leave leave", filters={"type": "eq", "key": "year", "value": 2024})
    assert len(hits) == 10
    assert set(hits) <= wanted


def test_a_filter_that_nothing_passes_finds_nothing_and_a_wrong_one_says_so(library: Library, search: Search) -> None:
    add_searchable(library, "a.txt", LEAVE, attributes={"year": 2024})
    assert found(search, "leave", filters={"type": "eq", "key": "year", "value": 1}) == []
    with pytest.raises(FilterError, match="like"):
        found(search, "leave", filters={"type": "like", "key": "year", "value": 1})


def test_attributes_come_with_the_hits_as_they_are_now(library: Library, search: Search) -> None:
    file = add_searchable(library, "a.txt", LEAVE, attributes={"year": 2024})
    assert search.search(["vs_1"], ["leave"], 1)[0].attributes == {"year": 2024}
    library.execute(
        vector_store_files.update().where(vector_store_files.c.file_id == file).values(attributes={"year": 2025})
    )
    assert search.search(["vs_1"], ["leave"], 1)[0].attributes == {"year": 2025}


def test_hits_under_the_threshold_are_left_out(library: Library, search: Search) -> None:
    for text in (LEAVE, NOTICE, BICYCLE):
        add_searchable(library, "a.txt", text)
    hits = search.search(["vs_1"], ["bicycle rental"], 10)
    assert len(hits) == 3
    kept = search.search(["vs_1"], ["bicycle rental"], 10, score_threshold=hits[0].score)
    assert [hit.chunk for hit in kept] == [hits[0].chunk]
    assert search.search(["vs_1"], ["bicycle rental"], 10, score_threshold=1.0) == []


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_fails(library: Library, search: Search, query: str) -> None:
    add_searchable(library, "a.txt", LEAVE)
    for hit in search.search(["vs_1"], [query], 10):
        assert 0 <= hit.score <= 1


def test_empty_and_unknown_stores_and_no_queries_find_nothing(
    library: Library, search: Search, index_dir: Path
) -> None:
    assert search.search(["vs_1", "vs_unknown"], ["leave"], 10) == []
    assert search.search([], ["leave"], 10) == []
    assert search.search(["vs_1"], [], 10) == []
    assert not index_dir.exists() or list(index_dir.iterdir()) == []


def test_many_threads_search_while_files_come_and_go(library: Library, search: Search) -> None:
    stays = add_searchable(library, "a.txt", LEAVE)
    ended = threading.Event()
    searched = 0

    def look() -> int:
        count = 0
        while not ended.is_set():
            assert stays in found(search, "annual leave")
            count += 1
        return count

    with ThreadPoolExecutor(6) as pool:
        looking = [pool.submit(look) for _ in range(6)]
        try:
            for number in range(6):
                file = add_searchable(library, f"{number}.txt", f"{BICYCLE} {number}")
                assert file in found(search, f"bicycle {number}")
                take_out(library, file)
                search.purge("vs_1")
        finally:
            ended.set()
        searched = sum(each.result() for each in looking)
    assert searched > 0
    with library.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(chunks)).scalar() == 1


def _on_disk(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _terms_on_disk(index_dir: Path, term: str) -> bool:
    """Whether the lexical index has the term in its files, be it of deleted chunks."""
    (folder,) = index_dir.glob("vs_1/*/lexical")
    return bool(tantivy.Index.open(str(folder)).searcher().terms_with_prefix("terms", term))
