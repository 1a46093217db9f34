"""/vector_stores"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("listVectorStores", "limit=101", 400, "limit"),
    ("createVectorStore", {"file_ids": ["file-" + "0" * 24]}, 404, "id"),
    ("createVectorStore", {"expires_after": {"anchor": "created_at", "days": 1}}, 400, "expires_after.anchor"),
    (
        "createVectorStore",
        {
            "chunking_strategy": {
                "type": "static",
                "static": {"max_chunk_size_tokens": 101, "chunk_overlap_tokens": 51},
            }
        },
        400,
        "chunking_strategy.static.chunk_overlap_tokens",
    ),
    ("getVectorStore", None, 404, None),
    ("modifyVectorStore", {"file_ids": []}, 400, "file_ids"),
    ("modifyVectorStore", {"name": "x"}, 404, None),
    ("deleteVectorStore", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createVectorStore", "getVectorStore", "modifyVectorStore", "listVectorStores", "deleteVectorStore")
def test_a_store_from_its_creation_to_its_end(stage: Stage) -> None:
    stores = stage.client.vector_stores
    made = stores.create(name="Handbooks", expires_after={"anchor": "last_active_at", "days": 7}, metadata={"k": "v"})
    assert (made.status, made.file_counts.total, made.usage_bytes) == ("completed", 0, 0)
    assert stores.retrieve(made.id) == made
    assert stores.list(limit=1).data == [made]
    changed = stores.update(made.id, name="Books", expires_after=None)
    assert (changed.name, changed.expires_after, changed.expires_at) == ("Books", None, None)
    assert stores.delete(made.id).to_dict() == {"id": made.id, "object": "vector_store.deleted", "deleted": True}
    assert stage.http.delete(f"/vector_stores/{made.id}").status_code == 404
