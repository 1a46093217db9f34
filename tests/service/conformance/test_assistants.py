"""/assistants"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("listAssistants", "limit=101", 400, "limit"),
    ("listAssistants", "order=newest", 400, "order"),
    ("createAssistant", {"name": "no model"}, 400, "model"),
    ("createAssistant", {"model": "m", "response_format": {}}, 400, "response_format.type"),
    ("getAssistant", None, 404, None),
    ("modifyAssistant", {"name": "x" * 257}, 400, "name"),
    ("modifyAssistant", {"name": "nobody"}, 404, None),
    ("deleteAssistant", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createAssistant", "getAssistant", "modifyAssistant", "listAssistants", "deleteAssistant")
def test_an_assistant_from_its_creation_to_its_end(stage: Stage) -> None:
    assistants = stage.client.beta.assistants
    store = stage.client.vector_stores.create()
    made = assistants.create(
        model="scripted",
        name="Ünï🧑‍🚀",
        description="d",
        instructions="i",
        tools=[{"type": "file_search"}, {"type": "code_interpreter"}, {"type": "function", "function": {"name": "f"}}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        metadata={"": "", "k" * 64: "v" * 512},
        temperature=0,
        top_p=1,
        response_format={"type": "json_object"},
    )
    assert assistants.retrieve(made.id) == made
    assert assistants.list(limit=1).data == [made]
    changed = assistants.update(made.id, name=None, metadata={}, response_format="auto")
    assert changed.to_dict() == made.to_dict() | {"name": None, "metadata": {}, "response_format": "auto"}
    assert assistants.delete(made.id).to_dict() == {"id": made.id, "object": "assistant.deleted", "deleted": True}
    assert stage.http.delete(f"/assistants/{made.id}").status_code == 404
