"""/threads"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    (
        "createThread",
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        400,
        "messages[0].content[0].text",
    ),
    ("getThread", None, 404, None),
    ("modifyThread", {"messages": []}, 400, "messages"),
    ("modifyThread", {"metadata": {}}, 404, None),
    ("deleteThread", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createThread", "getThread", "modifyThread", "deleteThread")
def test_a_thread_from_its_creation_to_its_end(stage: Stage) -> None:
    threads = stage.client.beta.threads
    store = stage.client.vector_stores.create()
    made = threads.create(
        messages=[{"role": "user", "content": "hello"}],
        metadata={"k": "v"},
        tool_resources={"file_search": {"vector_store_ids": [store.id]}, "code_interpreter": {"file_ids": []}},
    )
    assert threads.retrieve(made.id) == made
    assert threads.update(made.id, metadata={"k": "w"}).metadata == {"k": "w"}
    assert threads.delete(made.id).to_dict() == {"id": made.id, "object": "thread.deleted", "deleted": True}
    assert stage.http.delete(f"/threads/{made.id}").status_code == 404
