"""What attachments and tool resources change: the thread's store, the sandbox's files, what a run searches."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

SEARCH: Any = [{"type": "file_search"}]
CODE: Any = [{"type": "code_interpreter"}]


def files_for_search(client: openai.OpenAI, thread_id: str) -> list[str]:
    """The files of the thread's store, oldest first."""
    resources = client.beta.threads.retrieve(thread_id).tool_resources
    assert resources is not None
    assert resources.file_search is not None
    (store_id,) = resources.file_search.vector_store_ids or []
    return [file.id for file in client.vector_stores.files.list(store_id, order="asc")]


def files_for_code(client: openai.OpenAI, thread_id: str) -> list[str]:
    resources = client.beta.threads.retrieve(thread_id).tool_resources
    assert resources is not None
    assert resources.code_interpreter is not None
    return resources.code_interpreter.file_ids or []


def test_messages_made_with_their_thread_bring_their_files(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    first, second, third = upload("one"), upload("two"), upload("three")
    thread = client.beta.threads.create(
        messages=[
            {"role": "user", "content": "a", "attachments": [{"file_id": first, "tools": SEARCH}]},
            {"role": "user", "content": "b", "attachments": [{"file_id": second, "tools": [*SEARCH, *CODE]}]},
            {"role": "user", "content": "c", "attachments": [{"file_id": third, "tools": CODE}]},
        ]
    )
    assert files_for_search(client, thread.id) == [first, second]
    assert files_for_code(client, thread.id) == [second, third]
    shown = [each.attachments for each in client.beta.threads.messages.list(thread.id, order="asc")]
    assert [attachment.file_id for each in shown for attachment in each or []] == [first, second, third]


def test_additional_messages_bring_their_files(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    file_id = upload("The city is called Oulu.")
    thread = client.beta.threads.create()
    assistant = client.beta.assistants.create(model="deskside-reader", tools=SEARCH)
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id,
        assistant_id=assistant.id,
        additional_messages=[
            {
                "role": "user",
                "content": "What is the city called?",
                "attachments": [{"file_id": file_id, "tools": SEARCH}],
            }
        ],
    )
    assert run.status == "completed"
    assert files_for_search(client, thread.id) == [file_id]
    answer = client.beta.threads.messages.list(thread.id).data[0].content[0]
    assert answer.type == "text"
    assert "Oulu" in answer.text.value


def test_an_attachment_goes_into_the_store_that_the_thread_has(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    store = client.vector_stores.create(name="mine")
    thread = client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store.id]}})
    file_id = upload("words")
    for _ in range(2):
        client.beta.threads.messages.create(
            thread.id, role="user", content="x", attachments=[{"file_id": file_id, "tools": SEARCH}]
        )
    assert [file.id for file in client.vector_stores.files.list(store.id)] == [file_id]
    assert client.vector_stores.retrieve(store.id).expires_after is None


def test_a_file_without_tools_changes_nothing_but_is_shown(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    thread = client.beta.threads.create()
    file_id = upload("words")
    message = client.beta.threads.messages.create(
        thread.id, role="user", content="x", attachments=[{"file_id": file_id}]
    )
    assert [attachment.file_id for attachment in message.attachments or []] == [file_id]
    resources = client.beta.threads.retrieve(thread.id).tool_resources
    assert resources is not None
    assert (resources.file_search, resources.code_interpreter) == (None, None)


def test_a_deleted_file_leaves_the_thread_s_resources_and_stays_in_the_message(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    gone, kept = upload("gone"), upload("kept")
    attachments: Any = [{"file_id": each, "tools": [*SEARCH, *CODE]} for each in (gone, kept)]
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(thread.id, role="user", content="x", attachments=attachments)
    client.files.delete(gone)
    assert files_for_search(client, thread.id) == [kept]
    assert files_for_code(client, thread.id) == [kept]
    assert client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message


def test_a_deleted_store_leaves_the_thread_and_the_next_attachment_makes_another(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    file_id = upload("words")
    attach: Any = {"role": "user", "content": "x", "attachments": [{"file_id": file_id, "tools": SEARCH}]}
    thread = client.beta.threads.create(messages=[attach])
    resources = client.beta.threads.retrieve(thread.id).tool_resources
    assert resources is not None
    assert resources.file_search is not None
    (first,) = resources.file_search.vector_store_ids or []
    client.vector_stores.delete(first)
    client.beta.threads.messages.create(thread.id, **attach)
    assert files_for_search(client, thread.id) == [file_id]


def test_a_thread_takes_twenty_files_for_code(
    client: openai.OpenAI, http: httpx2.Client, upload: Callable[..., str]
) -> None:
    files = [upload(f"{number}") for number in range(21)]
    thread = client.beta.threads.create(tool_resources={"code_interpreter": {"file_ids": files[:19]}})
    body = {"role": "user", "content": "x", "attachments": [{"file_id": each, "tools": CODE} for each in files[18:]]}
    refused = http.post(f"/threads/{thread.id}/messages", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "array_above_max_length"
    assert files_for_code(client, thread.id) == files[:19]
    body["attachments"] = [{"file_id": each, "tools": CODE} for each in files[18:20]]
    assert http.post(f"/threads/{thread.id}/messages", json=body).status_code == 200
    assert files_for_code(client, thread.id) == files[:20]


def test_a_run_searches_the_thread_s_store_and_the_assistant_s(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    stores = [client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 2}) for _ in range(2)]
    words = "The warehouse stands in Oulu.", "The warehouse in Oulu has forty gates."
    files = [upload(each, name=f"{number}.txt") for number, each in enumerate(words)]
    for store, file_id in zip(stores, files, strict=True):
        client.vector_stores.files.create_and_poll(file_id, vector_store_id=store.id)
    assistant = client.beta.assistants.create(
        model="deskside-reader",
        tools=SEARCH,
        tool_resources={"file_search": {"vector_store_ids": [stores[0].id]}},
    )
    time.sleep(1.1)
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={
            "messages": [{"role": "user", "content": "Where is the warehouse and how many gates has it?"}],
            "tool_resources": {"file_search": {"vector_store_ids": [stores[1].id]}},
        },
    )
    assert run.status == "completed"
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    calls = [call for step in steps if step.step_details.type == "tool_calls" for call in step.step_details.tool_calls]
    found = [call.file_search.results or [] for call in calls if call.type == "file_search"]
    assert {result.file_id for results in found for result in results} == set(files)
    for store in stores:
        used = client.vector_stores.retrieve(store.id)
        assert (used.last_active_at or 0) > (store.last_active_at or 0)
        assert used.expires_at == (used.last_active_at or 0) + 2 * 86_400


def test_stores_made_with_a_thread_keep_their_chunking_and_metadata(
    client: openai.OpenAI, upload: Callable[..., str]
) -> None:
    file_id = upload("words")
    sizes: Any = {"max_chunk_size_tokens": 300, "chunk_overlap_tokens": 150}
    made: Any = {
        "file_ids": [file_id],
        "metadata": {"kind": "made"},
        "chunking_strategy": {"type": "static", "static": sizes},
    }
    thread = client.beta.threads.create(tool_resources={"file_search": {"vector_stores": [made]}})
    assert thread.tool_resources is not None
    assert thread.tool_resources.file_search is not None
    (store_id,) = thread.tool_resources.file_search.vector_store_ids or []
    assert client.vector_stores.retrieve(store_id).metadata == {"kind": "made"}
    file = client.vector_stores.files.retrieve(file_id, vector_store_id=store_id).to_dict()
    assert file["chunking_strategy"] == {"type": "static", "static": sizes}


@pytest.mark.parametrize(
    ("resources", "param"),
    [
        ({"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}}, "tool_resources.file_search.vector_store_ids"),
        ({"file_search": {"vector_stores": [{}, {}]}}, "tool_resources.file_search.vector_stores"),
        (
            {"file_search": {"vector_store_ids": ["vs_1"], "vector_stores": [{}]}},
            "tool_resources.file_search.vector_stores",
        ),
        ({"code_interpreter": {"file_ids": ["file-1"] * 21}}, "tool_resources.code_interpreter.file_ids"),
        (
            {"file_search": {"vector_stores": [{"file_ids": ["file-1"] * 10_001}]}},
            "tool_resources.file_search.vector_stores[0].file_ids",
        ),
        ({"browser": {}}, "tool_resources.browser"),
    ],
)
@pytest.mark.parametrize("owner", ["assistants", "threads"])
def test_resources_over_the_limits_are_refused(http: httpx2.Client, owner: str, resources: Any, param: str) -> None:
    answer = http.post(
        f"/{owner}", json={"tool_resources": resources} | ({"model": "m"} if owner != "threads" else {})
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param
