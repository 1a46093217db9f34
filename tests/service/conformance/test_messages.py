"""/threads/{thread_id}/messages"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("listMessages", "limit=0", 400, "limit"),
    ("listMessages", None, 404, None),
    ("createMessage", {"role": "user"}, 400, "content"),
    ("createMessage", {"role": "tool", "content": "x"}, 400, "role"),
    ("createMessage", {"role": "user", "content": "x"}, 404, None),
    ("getMessage", None, 404, None),
    ("modifyMessage", {"metadata": {"k": 1}}, 400, "metadata.k"),
    ("modifyMessage", {"metadata": {}}, 404, None),
    ("deleteMessage", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createMessage", "getMessage", "modifyMessage", "listMessages", "deleteMessage")
def test_a_message_from_its_creation_to_its_end(stage: Stage) -> None:
    thread = stage.client.beta.threads.create()
    messages = stage.client.beta.threads.messages
    file = stage.client.files.create(file=("a.txt", b"words"), purpose="assistants")
    image = stage.client.files.create(file=("a.png", b"no image yet"), purpose="vision")
    made = messages.create(
        thread.id,
        role="user",
        content=[
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
            {"type": "image_file", "image_file": {"file_id": image.id}},
        ],
        attachments=[{"file_id": file.id, "tools": [{"type": "file_search"}, {"type": "code_interpreter"}]}],
        metadata={"k": "v"},
    )
    assert messages.retrieve(made.id, thread_id=thread.id) == made
    assert messages.list(thread.id).data == [made]
    changed = messages.update(made.id, thread_id=thread.id, metadata={"k": "w"})
    assert changed.to_dict() == made.to_dict() | {"metadata": {"k": "w"}}
    deleted = messages.delete(made.id, thread_id=thread.id)
    assert deleted.to_dict() == {"id": made.id, "object": "thread.message.deleted", "deleted": True}
    assert messages.list(thread.id).to_dict() == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }
