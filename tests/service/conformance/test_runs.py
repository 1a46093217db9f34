"""/threads/{thread_id}/runs and /threads/runs"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage
from tests.service.functions import begin, outputs, path, weather
from tests.support.scripted_provider import Turn
from tests.support.streams import find, read_stream

ASSISTANT = {"assistant_id": "asst_" + "0" * 24}
REFUSED: list[Refusal] = [
    ("createThreadAndRun", {}, 400, "assistant_id"),
    ("createThreadAndRun", ASSISTANT | {"thread": {"messages": "hello"}}, 400, "thread.messages"),
    ("createThreadAndRun", ASSISTANT, 404, None),
    ("createRun", ASSISTANT | {"max_completion_tokens": 255}, 400, "max_completion_tokens"),
    ("createRun", ASSISTANT | {"additional_messages": [{"role": "user"}]}, 400, "additional_messages[0].content"),
    ("createRun", ASSISTANT | {"tool_choice": {"type": "function"}}, 400, "tool_choice.function"),
    (
        "createRun",
        ASSISTANT | {"truncation_strategy": {"type": "last_messages"}},
        400,
        "truncation_strategy.last_messages",
    ),
    ("createRun", ASSISTANT, 404, None),
    ("createRun", ASSISTANT | {"stream": True}, 404, None),
    ("listRuns", "after=nothing&limit=x", 400, "limit"),
    ("listRuns", None, 404, None),
    ("getRun", None, 404, None),
    ("modifyRun", {"instructions": "other"}, 400, "instructions"),
    ("modifyRun", {"metadata": {}}, 404, None),
    ("cancelRun", None, 404, None),
    ("submitToolOuputsToRun", {}, 400, "tool_outputs"),
    ("submitToolOuputsToRun", {"tool_outputs": []}, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createThreadAndRun", "getRun", "modifyRun", "listRuns")
def test_a_run_from_its_creation_to_its_end(stage: Stage) -> None:
    stage.provider.play(Turn("Good day."))
    assistant = stage.client.beta.assistants.create(model="scripted")
    runs = stage.client.beta.threads.runs
    run = stage.client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": "hello"}]},
        temperature=0.5,
        truncation_strategy={"type": "last_messages", "last_messages": 3},
        max_completion_tokens=256,
    )
    assert run.status == "completed"
    assert runs.list(run.thread_id).data == [run]
    assert runs.update(run.id, thread_id=run.thread_id, metadata={"k": "v"}).metadata == {"k": "v"}


@answers("createRun", "submitToolOuputsToRun", "cancelRun")
def test_a_run_that_waits_is_answered_or_cancelled(stage: Stage) -> None:
    run = begin(stage, weather("Rome", "Oslo"), Turn("Rain."))
    assert stage.http.post(path(run, "submit_tool_outputs"), json=outputs(run)).json()["required_action"] is None
    assert stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"
    run = begin(stage, weather("Rome"))
    assert stage.http.post(path(run, "cancel")).json()["status"] in ("cancelling", "cancelled")
    stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)


def test_each_event_of_a_stream_has_the_schema_of_its_name(stage: Stage) -> None:
    """Search, functions and text: what is read here is checked event by event."""
    file = stage.client.files.create(file=("a.txt", b"The notice period is three months."), purpose="assistants")
    store = stage.client.vector_stores.create(file_ids=[file.id])
    stage.client.vector_stores.files.poll(file.id, vector_store_id=store.id)
    assistant = stage.client.beta.assistants.create(
        model="scripted",
        tools=[{"type": "file_search"}, {"type": "function", "function": {"name": "weather"}}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    )
    search = Turn(calls=[{"name": "file_search", "arguments": {"query": "notice period"}, "id": "call_search"}])
    stage.provider.play(search, weather("Rome"), Turn("It is three months [1]."))
    thread = {"messages": [{"role": "user", "content": "How long is the notice period?"}]}
    events = read_stream(stage.http, "/threads/runs", {"assistant_id": assistant.id, "thread": thread})
    (waiting,) = find(events, "run.requires_action")
    (call,) = waiting["required_action"]["submit_tool_outputs"]["tool_calls"]
    url = f"/threads/{waiting['thread_id']}/runs/{waiting['id']}/submit_tool_outputs"
    ended = read_stream(stage.http, url, {"tool_outputs": [{"tool_call_id": call["id"], "output": "rain"}]})
    (message,) = find(ended, "message.completed")
    assert message["content"][0]["text"]["annotations"][0]["file_citation"]["file_id"] == file.id
    assert find(ended, "run.completed")
