"""/vector_stores: stores, their files, their batches, and search."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from openai.types import VectorStore

REFUND = "Refunds are paid within fourteen days after the goods came back."
BATTERY = "The battery of the City 400 charges in four hours with the charger supplied."
LEAVE = "Full-time employees receive twenty-seven days of annual leave in each calendar year."


@pytest.fixture
def store(client: openai.OpenAI, upload: Callable[..., str]) -> VectorStore:
    """A store with three short documents, ready to be searched."""
    files = [
        {"file_id": upload(REFUND, name="refunds.txt"), "attributes": {"topic": "shop", "year": 2024}},
        {"file_id": upload(BATTERY, name="battery.md"), "attributes": {"topic": "manual", "year": 2025}},
        {"file_id": upload(LEAVE, name="leave.txt"), "attributes": {"topic": "people", "final": True}},
    ]
    made = client.vector_stores.create(name="documents")
    client.vector_stores.file_batches.create_and_poll(made.id, files=files)  # type: ignore[arg-type]
    return made


def test_a_new_store_is_empty_and_complete(client: openai.OpenAI) -> None:
    made = client.vector_stores.create(name="empty", metadata={"a": "b"}, description="nothing in it")
    shown = made.to_dict()
    assert shown["status"] == "completed"
    assert shown["usage_bytes"] == 0
    assert shown["metadata"] == {"a": "b"}
    assert set(made.file_counts.to_dict().values()) == {0}
    assert client.vector_stores.retrieve(made.id) == made


def test_a_store_with_files_counts_them_until_they_are_done(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    made = client.vector_stores.create(file_ids=[upload(REFUND), upload("")])
    assert made.status == "in_progress"
    assert made.file_counts.in_progress == made.file_counts.total == 2
    done = wait_until_complete(client, made.id)
    counts = done.file_counts
    assert (counts.completed, counts.failed, counts.in_progress, counts.total) == (1, 1, 0, 2)
    assert done.usage_bytes > len(REFUND)


def test_fields_of_a_store_change_as_far_as_they_are_present(client: openai.OpenAI) -> None:
    made = client.vector_stores.create(name="a", expires_after={"anchor": "last_active_at", "days": 3})
    assert made.expires_at == (made.last_active_at or 0) + 3 * 86_400
    changed = client.vector_stores.update(made.id, name="b")
    assert (changed.name, changed.expires_at) == ("b", made.expires_at)
    changed = client.vector_stores.update(made.id, expires_after={"anchor": "last_active_at", "days": 5})
    assert changed.expires_at == (changed.last_active_at or 0) + 5 * 86_400
    changed = client.vector_stores.update(made.id, expires_after=None, metadata={"x": "y"})
    assert changed.expires_at is None
    assert changed.metadata == {"x": "y"}


def test_a_deleted_store_keeps_its_files_and_leaves_the_assistant(client: openai.OpenAI, store: VectorStore) -> None:
    assistant = client.beta.assistants.create(
        model="deskside-reader",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    )
    files = [file.id for file in client.vector_stores.files.list(store.id)]
    deleted = client.vector_stores.delete(store.id)
    assert deleted.to_dict() == {"id": store.id, "object": "vector_store.deleted", "deleted": True}
    assert all(client.files.retrieve(file_id) for file_id in files)
    resources = client.beta.assistants.retrieve(assistant.id).tool_resources
    assert resources is not None
    assert resources.file_search is not None
    assert resources.file_search.vector_store_ids == []
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.delete(store.id)


def test_a_file_is_answered_at_once_and_read_later(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    made = client.vector_stores.create()
    file_id = upload(BATTERY, name="battery.txt")
    added = client.vector_stores.files.create(made.id, file_id=file_id, attributes={"a": 1, "b": True})
    assert (added.id, added.status, added.last_error) == (file_id, "in_progress", None)
    assert added.attributes == {"a": 1, "b": True}
    done = client.vector_stores.files.poll(file_id, vector_store_id=made.id)
    assert done.status == "completed"
    assert done.usage_bytes > 0
    (part,) = client.vector_stores.files.content(file_id, vector_store_id=made.id).data
    assert part.text == BATTERY
    assert extension(done) == {
        "file_name": "battery.txt",
        "bytes": len(BATTERY),
        "stage": "ready",
        "progress": 1.0,
        "page_count": 1,
        "pages_without_text": [],
        "reason": "",
    }


def test_polls_are_told_how_soon_to_come_again(http: httpx2.Client, store: VectorStore) -> None:
    file_id = http.get(f"/vector_stores/{store.id}/files").json()["data"][0]["id"]
    for path in (f"/vector_stores/{store.id}", f"/vector_stores/{store.id}/files/{file_id}"):
        assert http.get(path).headers["openai-poll-after-ms"].isdecimal()


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        (None, (800, 400)),
        ({"type": "auto"}, (800, 400)),
        ({"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100}}, (200, 100)),
    ],
)
def test_the_chunking_strategy_is_answered_in_numbers(
    http: httpx2.Client, upload: Callable[..., str], given: Any, answered: tuple[int, int]
) -> None:
    store_id = http.post("/vector_stores").json()["id"]
    body = {"file_id": upload(REFUND)} | ({} if given is None else {"chunking_strategy": given})
    strategy = http.post(f"/vector_stores/{store_id}/files", json=body).json()["chunking_strategy"]
    assert strategy["type"] == "static"
    assert tuple(strategy["static"][name] for name in ("max_chunk_size_tokens", "chunk_overlap_tokens")) == answered


def test_an_overlap_beyond_half_a_chunk_is_refused(http: httpx2.Client, upload: Callable[..., str]) -> None:
    store_id = http.post("/vector_stores").json()["id"]
    strategy = {"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 101}}
    body = {"file_id": upload(REFUND), "chunking_strategy": strategy}
    answer = http.post(f"/vector_stores/{store_id}/files", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "chunking_strategy.static.chunk_overlap_tokens"


def test_adding_a_file_twice_is_no_error_and_no_copy(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    made = client.vector_stores.create()
    file_id = upload(REFUND)
    first = client.vector_stores.files.create_and_poll(file_id, vector_store_id=made.id)
    again = client.vector_stores.files.create(made.id, file_id=file_id)
    assert again == first
    assert client.vector_stores.retrieve(made.id).file_counts.total == 1


def test_attributes_are_replaced_and_answered_by_search(client: openai.OpenAI, store: VectorStore) -> None:
    hit = client.vector_stores.search(store.id, query="refund").data[0]
    changed = client.vector_stores.files.update(hit.file_id, vector_store_id=store.id, attributes={"only": "this"})
    assert changed.attributes == {"only": "this"}
    assert client.vector_stores.search(store.id, query="refund").data[0].attributes == {"only": "this"}


def test_a_removed_file_is_found_no_more_and_stays_a_file(client: openai.OpenAI, store: VectorStore) -> None:
    hit = client.vector_stores.search(store.id, query="charging the battery").data[0]
    assert hit.filename == "battery.md"
    deleted = client.vector_stores.files.delete(hit.file_id, vector_store_id=store.id)
    assert deleted.to_dict() == {"id": hit.file_id, "object": "vector_store.file.deleted", "deleted": True}
    found = client.vector_stores.search(store.id, query="charging the battery").data
    assert hit.file_id not in {each.file_id for each in found}
    assert client.files.retrieve(hit.file_id).id == hit.file_id
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.files.delete(hit.file_id, vector_store_id=store.id)


def test_failed_files_say_why_and_can_be_retried(
    client: openai.OpenAI, http: httpx2.Client, upload: Callable[..., str]
) -> None:
    made = client.vector_stores.create()
    file_id = upload(b"%PDF-1.7 and then nothing", name="broken.pdf")
    failed = client.vector_stores.files.create_and_poll(file_id, vector_store_id=made.id)
    assert failed.status == "failed"
    assert failed.last_error is not None
    assert failed.last_error.code in ("invalid_file", "unsupported_file")
    assert extension(failed)["reason"] == failed.last_error.message
    retried = http.post(f"/deskside/vector_stores/{made.id}/files/{file_id}/retry").json()
    assert (retried["status"], retried["last_error"]) == ("in_progress", None)
    assert client.vector_stores.files.poll(file_id, vector_store_id=made.id).status == "failed"


def test_a_batch_is_complete_when_all_its_files_are_done(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    made = client.vector_stores.create()
    good, bad = upload(REFUND), upload(b"\x7fELF\x00\x01\x02", name="program.exe")
    batch = client.vector_stores.file_batches.create(made.id, file_ids=[good, bad], attributes={"lot": "one"})
    assert (batch.status, batch.file_counts.total) == ("in_progress", 2)
    done = client.vector_stores.file_batches.poll(batch.id, vector_store_id=made.id)
    assert done.status == "completed"
    counts = done.file_counts
    assert (counts.completed, counts.failed, counts.total) == (1, 1, 2)
    list_files = client.vector_stores.file_batches.list_files
    files = list_files(batch.id, vector_store_id=made.id).data
    assert {file.id for file in files} == {good, bad}
    assert all(file.attributes == {"lot": "one"} for file in files)
    assert [file.id for file in list_files(batch.id, vector_store_id=made.id, filter="failed")] == [bad]
    assert [file.id for file in client.vector_stores.files.list(made.id, filter="completed")] == [good]


def test_a_cancelled_batch_leaves_the_queue(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    made = client.vector_stores.create()
    long = " ".join(f"Sentence number {n} says something." for n in range(20_000))
    batch = client.vector_stores.file_batches.create(
        made.id, file_ids=[upload(f"{n} {long}", name=f"{n}.txt") for n in range(6)]
    )
    cancelled = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=made.id)
    assert cancelled.status == "cancelled"
    counts = cancelled.file_counts
    assert counts.in_progress == 0
    assert counts.cancelled >= 4
    assert counts.cancelled + counts.completed == counts.total == 6
    with pytest.raises(openai.BadRequestError):
        client.vector_stores.file_batches.cancel(batch.id, vector_store_id=made.id)


def test_a_batch_takes_one_kind_of_list(http: httpx2.Client, upload: Callable[..., str]) -> None:
    store_id, file_id = http.post("/vector_stores").json()["id"], upload(REFUND)
    both = {"file_ids": [file_id], "files": [{"file_id": file_id}]}
    assert http.post(f"/vector_stores/{store_id}/file_batches", json=both).status_code == 400
    unknown = {"file_ids": [file_id, "file-" + "0" * 24]}
    assert http.post(f"/vector_stores/{store_id}/file_batches", json=unknown).status_code == 404
    assert http.get(f"/vector_stores/{store_id}/files").json()["data"] == []


def test_search_finds_the_right_document_first(client: openai.OpenAI, store: VectorStore) -> None:
    page = client.vector_stores.search(store.id, query="How long do I charge it?", max_num_results=2)
    assert page.data[0].filename == "battery.md"
    assert page.data[0].content[0].text == BATTERY
    assert len(page.data) <= 2
    assert [hit.score for hit in page.data] == sorted((hit.score for hit in page.data), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in page.data)


def test_several_queries_are_searched_at_once(http: httpx2.Client, store: VectorStore) -> None:
    answer = http.post(f"/vector_stores/{store.id}/search", json={"query": ["annual leave", "money back"]}).json()
    assert answer["search_query"] == ["annual leave", "money back"]
    assert {hit["filename"] for hit in answer["data"][:2]} == {"leave.txt", "refunds.txt"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"type": "eq", "key": "topic", "value": "shop"}, {"refunds.txt"}),
        ({"type": "ne", "key": "topic", "value": "shop"}, {"battery.md", "leave.txt"}),
        ({"type": "gte", "key": "year", "value": 2025}, {"battery.md"}),
        ({"type": "lt", "key": "year", "value": 2025}, {"refunds.txt"}),
        ({"type": "eq", "key": "final", "value": True}, {"leave.txt"}),
        ({"type": "in", "key": "topic", "value": ["shop", "manual"]}, {"refunds.txt", "battery.md"}),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "topic", "value": "people"},
                    {
                        "type": "and",
                        "filters": [
                            {"type": "eq", "key": "topic", "value": "shop"},
                            {"type": "gt", "key": "year", "value": 2000},
                        ],
                    },
                ],
            },
            {"leave.txt", "refunds.txt"},
        ),
        ({"type": "eq", "key": "nothing", "value": "x"}, set()),
    ],
)
def test_filters_on_attributes(http: httpx2.Client, store: VectorStore, filters: Any, names: set[str]) -> None:
    body = {"query": "what about the days", "filters": filters}
    answer = http.post(f"/vector_stores/{store.id}/search", json=body)
    assert answer.status_code == 200, answer.text
    assert {hit["filename"] for hit in answer.json()["data"]} == names


@pytest.mark.parametrize(
    "filters",
    [
        {"type": "and", "filters": [{"type": "like", "key": "a", "value": 1}]},
        {"type": "and", "filters": ["x"]},
        {"type": "in", "key": "a", "value": "not a list"},
        {"type": "and", "filters": [{"key": "a"}]},
    ],
)
def test_wrong_filters_are_refused(http: httpx2.Client, store: VectorStore, filters: Any) -> None:
    answer = http.post(f"/vector_stores/{store.id}/search", json={"query": "x", "filters": filters})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"].startswith("filters")


def test_a_threshold_drops_what_is_below(http: httpx2.Client, store: VectorStore) -> None:
    body = {"query": "annual leave", "ranking_options": {"score_threshold": 0.0, "ranker": "auto"}}
    scores = [hit["score"] for hit in http.post(f"/vector_stores/{store.id}/search", json=body).json()["data"]]
    body["ranking_options"] = {"score_threshold": scores[0]}
    hits = http.post(f"/vector_stores/{store.id}/search", json=body).json()["data"]
    assert [hit["score"] for hit in hits] == [score for score in scores if score >= scores[0]]


@pytest.mark.parametrize("query", ["", " ", "\0", "🧑‍🚀", 'AND OR NOT " ( * ~ : ^', "x" * 16_000])
def test_strange_queries_are_answered(http: httpx2.Client, store: VectorStore, query: str) -> None:
    assert http.post(f"/vector_stores/{store.id}/search", json={"query": query}).status_code == 200


def test_use_renews_the_life_of_a_store(client: openai.OpenAI) -> None:
    made = client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 1})
    time.sleep(1.1)
    client.vector_stores.search(made.id, query="anything")
    used = client.vector_stores.retrieve(made.id)
    assert (used.last_active_at or 0) > (made.last_active_at or 0)
    assert used.expires_at == (used.last_active_at or 0) + 86_400


def wait_until_complete(client: openai.OpenAI, store_id: str) -> VectorStore:
    for _ in range(300):
        made = client.vector_stores.retrieve(store_id)
        if made.status == "completed":
            return made
        time.sleep(0.1)
    raise AssertionError("the store did not become complete")


def extension(file: Any) -> dict[str, Any]:
    shown: dict[str, Any] = file.deskside
    return shown
