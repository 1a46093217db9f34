"""/threads and /threads/{id}/messages"""

from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest


def extension(thread: Any) -> dict[str, Any]:
    shown: dict[str, Any] = thread.deskside
    return shown


def test_a_thread_is_made_with_messages_in_order(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "first"}, {"role": "assistant", "content": "second"}],
        metadata={"a": "b"},
    )
    assert thread.metadata == {"a": "b"}
    messages = client.beta.threads.messages.list(thread.id, order="asc").data
    assert [(each.role, text(each)) for each in messages] == [("user", "first"), ("assistant", "second")]


def test_a_client_s_message_is_complete_and_belongs_to_no_run(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(
        thread.id,
        role="user",
        content=[
            {"type": "text", "text": "Look:"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ],
        metadata={"k": "v"},
    )
    shown = message.to_dict()
    assert shown["status"] == "completed"
    assert (shown["run_id"], shown["assistant_id"], shown["attachments"]) == (None, None, [])
    assert shown["content"] == [
        {"type": "text", "text": {"value": "Look:", "annotations": []}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "auto"}},
    ]
    assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message


def test_only_metadata_of_a_message_changes(client: openai.OpenAI, http: httpx2.Client) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "words"}])
    message = client.beta.threads.messages.list(thread.id).data[0]
    changed = client.beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"seen": "yes"})
    assert changed.to_dict() == message.to_dict() | {"metadata": {"seen": "yes"}}
    refused = http.post(f"/threads/{thread.id}/messages/{message.id}", json={"content": "other"})
    assert refused.status_code == 400


def test_a_message_of_another_thread_is_not_found(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "words"}])
    other = client.beta.threads.create()
    message = client.beta.threads.messages.list(thread.id).data[0]
    for call in (client.beta.threads.messages.retrieve, client.beta.threads.messages.delete):
        with pytest.raises(openai.NotFoundError, match="No message found"):
            call(message.id, thread_id=other.id)


def test_a_deleted_message_is_gone(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "words"}])
    message = client.beta.threads.messages.list(thread.id).data[0]
    deleted = client.beta.threads.messages.delete(message.id, thread_id=thread.id)
    assert deleted.to_dict() == {"id": message.id, "object": "thread.message.deleted", "deleted": True}
    assert client.beta.threads.messages.list(thread.id).data == []


def test_a_deleted_thread_takes_its_messages_and_runs_along(client: openai.OpenAI) -> None:
    assistant = client.beta.assistants.create(model="deskside-reader")
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "hello"}]}
    )
    message = client.beta.threads.messages.list(run.thread_id).data[0]
    assert client.beta.threads.delete(run.thread_id).deleted
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.messages.retrieve(message.id, thread_id=run.thread_id)
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
    with pytest.raises(openai.NotFoundError):
        client.beta.threads.delete(run.thread_id)


def test_messages_are_paged_and_filtered_by_run(client: openai.OpenAI) -> None:
    assistant = client.beta.assistants.create(model="deskside-reader")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": str(n)} for n in range(30)])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert len(client.beta.threads.messages.list(thread.id).data) == 20
    assert len(list(client.beta.threads.messages.list(thread.id))) == 31
    (answer,) = client.beta.threads.messages.list(thread.id, run_id=run.id).data
    assert answer.run_id == run.id
    assert [text(each) for each in client.beta.threads.messages.list(thread.id, order="asc", limit=3).data] == [
        "0",
        "1",
        "2",
    ]


def test_an_attachment_for_search_makes_a_store_that_expires(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    first, second = upload("first words"), upload("second words")
    thread = client.beta.threads.create()
    attach = {"file_id": first, "tools": [{"type": "file_search"}]}
    message = client.beta.threads.messages.create(
        thread.id,
        role="user",
        content="see",
        attachments=[attach],  # type: ignore[list-item]
    )
    assert message.to_dict()["attachments"] == [attach]
    store_id = store_of(client, thread.id)
    store = client.vector_stores.retrieve(store_id)
    assert store.expires_after is not None
    assert store.expires_after.days == 7
    assert store.last_active_at is not None
    assert store.expires_at == store.last_active_at + 7 * 86_400
    client.beta.threads.messages.create(
        thread.id, role="user", content="and", attachments=[{"file_id": second, "tools": [{"type": "file_search"}]}]
    )
    assert store_of(client, thread.id) == store_id
    assert {file.id for file in client.vector_stores.files.list(store_id)} == {first, second}


def test_an_attachment_for_code_goes_into_the_sandbox(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    file_id = upload("1,2", name="a.csv")
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "sum", "attachments": [{"file_id": file_id, "tools": tools}]}]  # type: ignore[typeddict-item]
    )
    assert thread.tool_resources is not None
    assert thread.tool_resources.code_interpreter is not None
    assert thread.tool_resources.code_interpreter.file_ids == [file_id]
    assert store_of(client, thread.id)


def test_an_unknown_attachment_is_refused_and_nothing_is_kept(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create()
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        client.beta.threads.messages.create(
            thread.id,
            role="user",
            content="see",
            attachments=[{"file_id": "file-" + "0" * 24, "tools": [{"type": "file_search"}]}],
        )
    assert client.beta.threads.messages.list(thread.id).data == []


def test_a_thread_s_resources_can_be_modified(client: openai.OpenAI) -> None:
    store = client.vector_stores.create()
    thread = client.beta.threads.create()
    changed = client.beta.threads.update(
        thread.id, tool_resources={"file_search": {"vector_store_ids": [store.id]}}, metadata={"a": "b"}
    )
    assert store_of(client, thread.id) == store.id
    assert changed.metadata == {"a": "b"}
    client.vector_stores.delete(store.id)
    left = client.beta.threads.retrieve(thread.id).tool_resources
    assert left is not None
    assert left.file_search is not None
    assert left.file_search.vector_store_ids == []


def test_threads_are_listed_by_last_activity_with_what_a_list_shows(
    client: openai.OpenAI, http: httpx2.Client
) -> None:
    older = client.beta.threads.create(messages=[{"role": "user", "content": "  What is\nthe   notice period? "}])
    newer = client.beta.threads.create()
    listed = http.get("/threads?limit=2").json()
    assert [each["id"] for each in listed["data"]] == [newer.id, older.id]
    assert listed["has_more"] in (True, False)
    assistant = client.beta.assistants.create(model="deskside-reader")
    client.beta.threads.runs.create_and_poll(thread_id=older.id, assistant_id=assistant.id)
    shown = next(each for each in http.get("/threads").json()["data"] if each["id"] == older.id)["deskside"]
    assert shown["title"] == "What is the notice period?"
    assert shown["message_count"] == 2
    assert shown["assistant_id"] == assistant.id
    assert shown["active_run_id"] is None


def test_the_title_is_short_and_from_the_first_question(client: openai.OpenAI) -> None:
    thread = client.beta.threads.create(messages=[{"role": "assistant", "content": "Hello, ask me."}])
    assert extension(thread)["title"] == ""
    client.beta.threads.messages.create(thread.id, role="user", content="word " * 100)
    client.beta.threads.messages.create(thread.id, role="user", content="another")
    title = extension(client.beta.threads.retrieve(thread.id))["title"]
    assert title.startswith("word word")
    assert len(title) <= 80


def text(message: Any) -> str:
    value: str = message.content[0].text.value
    return value


def store_of(client: openai.OpenAI, thread_id: str) -> str:
    resources = client.beta.threads.retrieve(thread_id).tool_resources
    assert resources is not None
    assert resources.file_search is not None
    assert resources.file_search.vector_store_ids is not None
    (store_id,) = resources.file_search.vector_store_ids
    return store_id
