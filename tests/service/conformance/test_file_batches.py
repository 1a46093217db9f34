"""/vector_stores/{vector_store_id}/file_batches"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("createVectorStoreFileBatch", {"file_ids": [], "files": []}, 400, "file_ids"),
    ("createVectorStoreFileBatch", {"file_ids": ["file-" + "0" * 24]}, 404, None),
    ("getVectorStoreFileBatch", None, 404, None),
    ("cancelVectorStoreFileBatch", None, 404, None),
    ("listFilesInVectorStoreBatch", "filter=lost", 400, "filter"),
    ("listFilesInVectorStoreBatch", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers(
    "createVectorStoreFileBatch",
    "getVectorStoreFileBatch",
    "listFilesInVectorStoreBatch",
    "cancelVectorStoreFileBatch",
)
def test_a_batch_is_made_watched_listed_and_cancelled(stage: Stage) -> None:
    names = ("a.txt", "b.txt")
    files = [stage.client.files.create(file=(name, name.encode()), purpose="assistants") for name in names]
    store = stage.client.vector_stores.create()
    batches = stage.client.vector_stores.file_batches
    where = {"vector_store_id": store.id}
    ended = batches.create_and_poll(file_ids=[file.id for file in files], **where)
    assert (ended.status, ended.file_counts.completed, ended.file_counts.total) == ("completed", 2, 2)
    listed = batches.list_files(ended.id, filter="completed", order="asc", **where).data
    assert [each.id for each in listed] == [file.id for file in files]
    long = stage.client.files.create(file=("long.txt", b"many words " * 50_000), purpose="assistants")
    unfinished = batches.create(files=[{"file_id": long.id, "attributes": {"k": 1}}], **where)
    assert batches.cancel(unfinished.id, **where).status == "cancelled"
