"""/vector_stores/{id}/search, and the attributes that it filters by."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from openai.types import VectorStore

MIXED = {"whole": 3, "large": 2**60, "half": 0.5, "text": "3", "yes": True, "no": False}


@pytest.fixture
def store(client: openai.OpenAI, upload: Callable[..., str]) -> VectorStore:
    """A store with one file that has attributes of every kind."""
    made = client.vector_stores.create()
    client.vector_stores.files.create_and_poll(
        upload("The ferry leaves at nine.", name="ferry.txt"), vector_store_id=made.id, attributes=MIXED
    )
    return made


def file_of(client: openai.OpenAI, store: VectorStore) -> str:
    return client.vector_stores.files.list(store.id).data[0].id


def same(attributes: Any) -> bool:
    """Equal in values and in their types, which 3 == 3.0 and 1 == True would hide."""
    return repr(sorted(attributes.items())) == repr(sorted(MIXED.items()))


def test_attributes_come_back_as_they_were_given(
    http: httpx2.Client, client: openai.OpenAI, store: VectorStore
) -> None:
    path = f"/vector_stores/{store.id}/files/{file_of(client, store)}"
    assert same(http.get(path).json()["attributes"])
    assert same(http.post(path, json={"attributes": MIXED}).json()["attributes"])
    (hit,) = http.post(f"/vector_stores/{store.id}/search", json={"query": "ferry"}).json()["data"]
    assert same(hit["attributes"])
    batch = {"files": [{"file_id": file_of(client, store), "attributes": MIXED}]}
    assert http.post(f"/vector_stores/{store.id}/file_batches", json=batch).status_code == 200
    assert same(http.get(path).json()["attributes"])
    assert http.post(path, json={"attributes": None}).json()["attributes"] == {}


@pytest.mark.parametrize(
    "attributes",
    [
        '{"a": 1e999}',
        '{"a": null}',
        '{"a": [1]}',
        '{"a": {"b": 1}}',
        '{"%s": 1}' % ("k" * 65),
        '{"a": "%s"}' % ("v" * 513),
        json.dumps(dict.fromkeys("abcdefghijklmnopq", 1)),
        "[]",
        '"text"',
    ],
)
def test_wrong_attributes_are_refused_and_change_nothing(
    http: httpx2.Client, client: openai.OpenAI, store: VectorStore, attributes: str
) -> None:
    path = f"/vector_stores/{store.id}/files/{file_of(client, store)}"
    answer = http.post(path, content=f'{{"attributes": {attributes}}}')
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"].startswith("attributes")
    assert same(http.get(path).json()["attributes"])


@pytest.mark.parametrize(
    ("kind", "key", "value", "passes"),
    [
        ("eq", "whole", 3.0, True),
        ("eq", "large", 2**60, True),
        ("eq", "large", 2**60 + 1, False),
        ("eq", "whole", "3", False),
        ("ne", "whole", "3", True),
        ("gt", "half", 0, True),
        ("lte", "half", 0.25, False),
        ("gt", "text", 1, False),
        ("gte", "text", "3", True),
        ("eq", "no", 0, False),
        ("ne", "yes", False, True),
        ("in", "whole", ["3", 3], True),
        ("in", "text", [3], False),
        ("nin", "whole", [1, 2], True),
        ("nin", "whole", [3], False),
        ("nin", "missing", ["x"], True),
        ("in", "missing", ["x"], False),
        ("in", "whole", [], False),
    ],
)
def test_every_comparison_on_every_kind(
    http: httpx2.Client, store: VectorStore, kind: str, key: str, value: Any, passes: bool
) -> None:
    comparison = {"type": kind, "key": key, "value": value}
    for filters in (comparison, {"type": "and", "filters": [{"type": "or", "filters": [comparison]}]}):
        answer = http.post(f"/vector_stores/{store.id}/search", json={"query": "ferry", "filters": filters})
        assert answer.status_code == 200, answer.text
        assert bool(answer.json()["data"]) is passes


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"type": "eq", "key": "a", "value": [1]}, ".value"),
        ({"type": "in", "key": "a", "value": 1}, ".value"),
        ({"type": "in", "key": "a", "value": [True]}, ".value"),
        ({"type": "eq", "key": "a", "value": {"x": 1}}, ".value"),
        ({"type": "eq", "key": "a"}, ".value"),
        ({"type": "eq", "value": 1}, ".key"),
        ({"type": "eq", "key": "a", "value": 1, "more": 1}, ".more"),
        ({"type": "like", "key": "a", "value": 1}, ""),
        ({"key": "a", "value": 1}, ".type"),
        ({"type": "or"}, ".filters"),
        ({}, ".type"),
    ],
)
def test_a_wrong_filter_is_refused_naming_its_place(
    http: httpx2.Client, store: VectorStore, wrong: Any, place: str
) -> None:
    for filters, path in ((wrong, "filters"), ({"type": "and", "filters": [wrong]}, "filters.filters[0]")):
        answer = http.post(f"/vector_stores/{store.id}/search", json={"query": "x", "filters": filters})
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["param"].startswith(path + place)


@pytest.mark.parametrize("count", [0, 21])
def test_a_search_has_one_to_twenty_queries(http: httpx2.Client, store: VectorStore, count: int) -> None:
    answer = http.post(f"/vector_stores/{store.id}/search", json={"query": ["ferry"] * count})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "query"


@pytest.mark.parametrize("ranker", ["none", "auto", "default-2024-11-15"])
def test_every_ranker_is_taken(http: httpx2.Client, store: VectorStore, ranker: str) -> None:
    body = {"query": ["ferry", "boat"], "ranking_options": {"ranker": ranker}, "rewrite_query": True}
    page = http.post(f"/vector_stores/{store.id}/search", json=body | {"max_num_results": 50}).json()
    assert (page["has_more"], page["next_page"], page["search_query"]) == (False, None, ["ferry", "boat"])
    assert [hit["filename"] for hit in page["data"]] == ["ferry.txt"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "query"),
        ({"query": 1}, "query"),
        ({"query": "x", "max_num_results": 51}, "max_num_results"),
        ({"query": "x", "max_num_results": 0}, "max_num_results"),
        ({"query": "x", "ranking_options": {"ranker": "best"}}, "ranking_options.ranker"),
        ({"query": "x", "ranking_options": {"score_threshold": 1.5}}, "ranking_options.score_threshold"),
        ({"query": "x" * 16_385}, "query"),
    ],
)
def test_a_wrong_search_is_refused(http: httpx2.Client, store: VectorStore, body: Any, param: str) -> None:
    answer = http.post(f"/vector_stores/{store.id}/search", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize("files", [False, True], ids=["without files", "with a file"])
def test_a_store_s_chunking_is_checked_whether_it_has_files_or_not(
    http: httpx2.Client, upload: Callable[..., str], files: bool
) -> None:
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}
    body = {"chunking_strategy": {"type": "static", "static": sizes}, "file_ids": [upload("x")] if files else []}
    answer = http.post("/vector_stores", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "chunking_strategy.static.chunk_overlap_tokens"


def test_the_content_of_a_file_that_was_not_read_is_empty(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    store = client.vector_stores.create()
    file_id = upload(b"\x7fELF\x00\x01\x02", name="program.exe")
    client.vector_stores.files.create_and_poll(file_id, vector_store_id=store.id)
    page = client.vector_stores.files.content(file_id, vector_store_id=store.id)
    assert page.data == []
