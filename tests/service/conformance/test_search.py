"""/vector_stores/{vector_store_id}/search"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("searchVectorStore", {}, 400, "query"),
    ("searchVectorStore", {"query": "x", "max_num_results": 51}, 400, "max_num_results"),
    ("searchVectorStore", {"query": []}, 400, "query"),
    ("searchVectorStore", {"query": "x"}, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("searchVectorStore")
def test_a_store_is_searched(stage: Stage) -> None:
    file = stage.client.files.create(file=("a.txt", b"The notice period is three months."), purpose="assistants")
    store = stage.client.vector_stores.create(file_ids=[file.id])
    stage.client.vector_stores.files.poll(file.id, vector_store_id=store.id)
    (found,) = stage.client.vector_stores.search(store.id, query=["notice period"], rewrite_query=True).data
    assert (found.file_id, found.filename) == (file.id, "a.txt")
    assert "three months" in found.content[0].text
    assert 0 <= found.score <= 1
