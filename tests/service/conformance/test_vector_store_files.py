"""/vector_stores/{vector_store_id}/files"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

FILE = {"file_id": "file-" + "0" * 24}
SMALL = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}}
REFUSED: list[Refusal] = [
    ("listVectorStoreFiles", "filter=lost", 400, "filter"),
    ("listVectorStoreFiles", None, 404, None),
    ("createVectorStoreFile", {}, 400, "file_id"),
    ("createVectorStoreFile", FILE | {"attributes": {"k": None}}, 400, "attributes.k"),
    (
        "createVectorStoreFile",
        FILE | {"chunking_strategy": SMALL},
        400,
        "chunking_strategy.static.chunk_overlap_tokens",
    ),
    ("createVectorStoreFile", FILE, 404, None),
    ("getVectorStoreFile", None, 404, None),
    ("updateVectorStoreFileAttributes", {}, 400, "attributes"),
    ("updateVectorStoreFileAttributes", {"attributes": {}}, 404, None),
    ("deleteVectorStoreFile", None, 404, None),
    ("retrieveVectorStoreFileContent", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers(
    "createVectorStoreFile",
    "getVectorStoreFile",
    "updateVectorStoreFileAttributes",
    "listVectorStoreFiles",
    "retrieveVectorStoreFileContent",
    "deleteVectorStoreFile",
)
def test_a_file_of_a_store_from_its_attachment_to_its_end(stage: Stage) -> None:
    file = stage.client.files.create(file=("a.md", b"# Title\n\nWords."), purpose="assistants")
    store = stage.client.vector_stores.create()
    files = stage.client.vector_stores.files
    where = {"vector_store_id": store.id}
    made = files.create(file_id=file.id, attributes={"s": "x", "n": 1.5, "b": True}, **where)
    assert (made.id, made.attributes) == (file.id, {"s": "x", "n": 1.5, "b": True})
    ready = files.poll(file.id, **where)
    assert (ready.status, ready.last_error) == ("completed", None)
    assert [each.id for each in files.list(filter="completed", **where).data] == [file.id]
    assert files.update(file.id, attributes={"s": "y"}, **where).attributes == {"s": "y"}
    assert "Words." in files.content(file.id, **where).data[0].text  # type: ignore[operator]
    deleted = files.delete(file.id, **where)
    assert deleted.to_dict() == {"id": file.id, "object": "vector_store.file.deleted", "deleted": True}
    assert stage.http.delete(f"/vector_stores/{store.id}/files/{file.id}").status_code == 404
    assert stage.client.files.retrieve(file.id) == file
