"""/vector_stores/{id}/file_batches"""

from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

from tests.service.conftest import sdk
from tests.support.service_process import ServiceProcess


def test_every_file_of_a_batch_has_its_own_attributes_and_chunking(
    client: openai.OpenAI, http: httpx2.Client, upload: Callable[..., str]
) -> None:
    store = client.vector_stores.create()
    first, second = upload("one"), upload("two")
    sizes = {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 10}
    body = {
        "files": [
            {
                "file_id": first,
                "attributes": {"year": 2024},
                "chunking_strategy": {"type": "static", "static": sizes},
            },
            {"file_id": second},
        ],
        "attributes": {"ignored": True},
    }
    batch = http.post(f"/vector_stores/{store.id}/file_batches", json=body).json()
    client.vector_stores.file_batches.poll(batch["id"], vector_store_id=store.id)
    shown = {
        file.id: file.to_dict()
        for file in client.vector_stores.file_batches.list_files(batch["id"], vector_store_id=store.id)
    }
    assert shown[first]["attributes"] == {"year": 2024}
    assert shown[first]["chunking_strategy"] == {"type": "static", "static": sizes}
    assert shown[second]["attributes"] == {}
    assert shown[second]["chunking_strategy"]["static"]["max_chunk_size_tokens"] == 800


def test_files_can_be_uploaded_and_added_at_once(client: openai.OpenAI) -> None:
    store = client.vector_stores.create()
    files = [(f"{number}.txt", f"Document number {number}.".encode()) for number in range(3)]
    batch = client.vector_stores.file_batches.upload_and_poll(store.id, files=files)
    assert (batch.status, batch.file_counts.completed) == ("completed", 3)
    one = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("one.txt", b"One more."))
    assert one.status == "completed"
    assert client.vector_stores.retrieve(store.id).file_counts.completed == 4


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "file_ids"),
        ({"file_ids": []}, "file_ids"),
        ({"files": []}, "files"),
        ({"file_ids": ["file-1"] * 2001}, "file_ids"),
        ({"files": [{"file_id": "file-1"}] * 2001}, "files"),
        ({"files": [{"attributes": {}}]}, "files[0].file_id"),
        ({"files": [{"file_id": "file-1", "attributes": {"a": [1]}}]}, "files[0].attributes.a"),
    ],
)
def test_a_wrong_batch_is_refused(http: httpx2.Client, body: Any, param: str) -> None:
    store_id = http.post("/vector_stores").json()["id"]
    answer = http.post(f"/vector_stores/{store_id}/file_batches", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


def test_a_batch_of_another_store_is_not_found(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    mine, other = client.vector_stores.create(), client.vector_stores.create()
    batch = client.vector_stores.file_batches.create(mine.id, file_ids=[upload("words")])
    batches = client.vector_stores.file_batches
    for call in (batches.retrieve, batches.cancel, batches.list_files):
        with pytest.raises(openai.NotFoundError, match=batch.id):
            call(batch.id, vector_store_id=other.id)


def test_counts_add_up_while_files_are_read_cancelled_and_removed(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    store = client.vector_stores.create()
    long = " ".join(f"Sentence number {n} says something." for n in range(5000))
    files = [upload(f"{n} {long}", name=f"{n}.txt") for n in range(6)]
    batch = client.vector_stores.file_batches.create(store.id, file_ids=files)
    client.vector_stores.files.delete(files[5], vector_store_id=store.id)
    counts = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id).file_counts
    assert (counts.total, counts.in_progress) == (5, 0)
    files_now = list(client.vector_stores.files.list(store.id))
    assert len([file for file in files_now if file.status == "cancelled"]) == counts.cancelled
    listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="cancelled")
    assert {file.id for file in listed} == {file.id for file in files_now if file.status == "cancelled"}
    in_store = client.vector_stores.retrieve(store.id).file_counts
    assert in_store.total == in_store.completed + in_store.cancelled == 5
    again = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=files)
    assert (again.file_counts.completed, again.file_counts.total) == (6, 6)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_largest_batch_is_read_to_its_end(service: ServiceProcess) -> None:
    with sdk(service) as client:
        files = [
            client.files.create(file=(f"{n}.txt", f"Note {n % 7}.".encode()), purpose="assistants").id
            for n in range(2000)
        ]
        store = client.vector_stores.create()
        batch = client.vector_stores.file_batches.create(
            store.id, files=[{"file_id": file_id, "attributes": {"number": n}} for n, file_id in enumerate(files)]
        )
        assert batch.file_counts.in_progress == batch.file_counts.total == 2000
        done = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id)
        assert (done.status, done.file_counts.completed) == ("completed", 2000)
        hits = client.vector_stores.search(
            store.id, query="note", filters={"type": "eq", "key": "number", "value": 77}
        )
        assert [hit.file_id for hit in hits] == [files[77]]
