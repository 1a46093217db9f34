"""/assistants"""

import openai
import pytest
from openai.types.beta import Assistant


def make(client: openai.OpenAI, **given: object) -> Assistant:
    return client.beta.assistants.create(model="deskside-reader", **given)  # type: ignore[arg-type]


def test_an_assistant_is_answered_with_what_was_given(client: openai.OpenAI) -> None:
    schema = {"name": "answer", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}, "strict": True}
    given = {
        "name": "Handbook",
        "description": "Knows the handbook",
        "instructions": "Be brief.",
        "tools": [
            {
                "type": "file_search",
                "file_search": {"max_num_results": 7, "ranking_options": {"score_threshold": 0.5}},
            },
            {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}},
        ],
        "metadata": {"team": "people"},
        "temperature": 0.2,
        "top_p": 0.9,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    made = make(client, **given)
    assert client.beta.assistants.retrieve(made.id) == made
    shown = made.to_dict()
    assert {name: shown[name] for name in given} == given
    assert len(made.id) == len("asst_") + 24


def test_what_was_not_given_has_its_default(client: openai.OpenAI) -> None:
    shown = make(client).to_dict()
    assert shown["tools"] == []
    assert shown["metadata"] == {}
    assert (shown["temperature"], shown["top_p"], shown["response_format"]) == (1.0, 1.0, "auto")
    assert shown["name"] is None
    assert shown["instructions"] is None


def test_tools_without_resources_get_empty_lists(client: openai.OpenAI) -> None:
    made = make(client, tools=[{"type": "file_search"}, {"type": "code_interpreter"}])
    assert made.tool_resources is not None
    assert made.tool_resources.to_dict() == {
        "file_search": {"vector_store_ids": []},
        "code_interpreter": {"file_ids": []},
    }


def test_only_the_fields_that_are_present_change(client: openai.OpenAI) -> None:
    made = make(client, name="Before", instructions="Stay.", tools=[{"type": "file_search"}], metadata={"a": "1"})
    changed = client.beta.assistants.update(made.id, name="After")
    assert changed.to_dict() == made.to_dict() | {"name": "After"}
    changed = client.beta.assistants.update(made.id, metadata={"b": "2"}, tools=[])
    assert changed.metadata == {"b": "2"}
    assert changed.tools == []
    assert changed.instructions == "Stay."


def test_null_clears_a_field(client: openai.OpenAI) -> None:
    made = make(client, name="Name", instructions="Words.", temperature=0.1, metadata={"a": "1"})
    cleared = client.beta.assistants.update(made.id, name=None, instructions=None, temperature=None, metadata=None)
    assert cleared.name is None
    assert cleared.instructions is None
    assert cleared.temperature == 1
    assert cleared.metadata == {}


def test_each_branch_of_the_resources_is_replaced_by_itself(client: openai.OpenAI) -> None:
    store, other = client.vector_stores.create(), client.vector_stores.create()
    file = client.files.create(file=("a.csv", b"1,2"), purpose="assistants")
    made = make(
        client,
        tools=[{"type": "file_search"}, {"type": "code_interpreter"}],
        tool_resources={
            "file_search": {"vector_store_ids": [store.id]},
            "code_interpreter": {"file_ids": [file.id]},
        },
    )
    changed = client.beta.assistants.update(made.id, tool_resources={"file_search": {"vector_store_ids": [other.id]}})
    assert changed.tool_resources is not None
    assert changed.tool_resources.to_dict() == {
        "file_search": {"vector_store_ids": [other.id]},
        "code_interpreter": {"file_ids": [file.id]},
    }


def test_a_store_can_be_made_with_the_assistant(client: openai.OpenAI) -> None:
    file = client.files.create(file=("a.txt", b"words"), purpose="assistants")
    made = make(
        client,
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file.id], "metadata": {"a": "b"}}]}},
    )
    assert made.tool_resources is not None
    assert made.tool_resources.file_search is not None
    assert made.tool_resources.file_search.vector_store_ids is not None
    (store_id,) = made.tool_resources.file_search.vector_store_ids
    store = client.vector_stores.retrieve(store_id)
    assert store.metadata == {"a": "b"}
    assert store.file_counts.total == 1


@pytest.mark.parametrize(
    "resources",
    [
        {"file_search": {"vector_store_ids": ["vs_" + "0" * 24]}},
        {"code_interpreter": {"file_ids": ["file-" + "0" * 24]}},
        {"file_search": {"vector_stores": [{"file_ids": ["file-" + "0" * 24]}]}},
    ],
)
def test_unknown_resources_are_refused_and_nothing_is_made(client: openai.OpenAI, resources: object) -> None:
    stores = [each.id for each in client.vector_stores.list()]  # ids alone: a store may finish reading its files
    with pytest.raises(openai.NotFoundError):
        make(client, tool_resources=resources, name="must not exist")
    assert [each.id for each in client.vector_stores.list()] == stores
    assert all(each.name != "must not exist" for each in client.beta.assistants.list())


def test_a_deleted_assistant_is_gone_and_its_threads_stay(client: openai.OpenAI) -> None:
    made = make(client)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made.id)
    assert client.beta.assistants.delete(made.id).to_dict() == {
        "id": made.id,
        "object": "assistant.deleted",
        "deleted": True,
    }
    with pytest.raises(openai.NotFoundError):
        client.beta.assistants.delete(made.id)
    assert len(client.beta.threads.messages.list(thread.id).data) == 2
    with pytest.raises(openai.NotFoundError, match="No assistant found"):
        client.beta.threads.runs.create(thread_id=thread.id, assistant_id=made.id)


def test_lists_are_paged_in_the_order_of_creation(client: openai.OpenAI) -> None:
    ids = [make(client, name=f"page {number}").id for number in range(7)]
    newest = client.beta.assistants.list(limit=3)
    assert [each.id for each in newest.data] == ids[:3:-1]
    assert newest.has_more
    assert (newest.first_id, newest.last_id) == (ids[6], ids[4])
    older = client.beta.assistants.list(limit=3, after=ids[4])
    assert [each.id for each in older.data] == ids[3:0:-1]
    nearer = client.beta.assistants.list(limit=2, before=ids[1])
    assert [each.id for each in nearer.data] == [ids[3], ids[2]]
    between = client.beta.assistants.list(after=ids[5], before=ids[2])
    assert [each.id for each in between.data] == [ids[4], ids[3]]
    assert not between.has_more
    ascending = client.beta.assistants.list(order="asc", after=ids[4])
    assert [each.id for each in ascending.data] == ids[5:]
    walked = [each.id for each in client.beta.assistants.list(limit=2)]
    assert walked[:7] == ids[::-1]
    assert len(walked) == len(set(walked))
