"""Runs, their steps and their streams, answered by the built-in reader."""

import json
import threading
from collections.abc import Callable

import httpx2
import openai
import pytest
from openai.types.beta import Assistant

from tests.service.conftest import Stage
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess

MANUAL = """The City 400 is an electric bicycle.

The battery charges in four hours with the charger supplied.

Refunds are paid within fourteen days after the goods came back.
"""


@pytest.fixture
def assistant(client: openai.OpenAI, upload: Callable[..., str]) -> Assistant:
    """An assistant that can search one document."""
    store = client.vector_stores.create(name="manual")
    client.vector_stores.files.create_and_poll(upload(MANUAL, name="manual.txt"), vector_store_id=store.id)
    return client.beta.assistants.create(
        model="deskside-reader",
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        instructions="Answer from the manual.",
    )


def ask(client: openai.OpenAI, question: str) -> str:
    return client.beta.threads.create(messages=[{"role": "user", "content": question}]).id


def test_a_question_is_answered_with_a_citation(client: openai.OpenAI, assistant: Assistant) -> None:
    thread_id = ask(client, "How long does the battery charge?")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant.id)
    assert run.status == "completed", run.last_error
    message = client.beta.threads.messages.list(thread_id, order="desc", limit=1).data[0]
    part = message.content[0]
    assert part.type == "text"
    assert "four hours" in part.text.value
    (annotation,) = part.text.annotations
    assert annotation.type == "file_citation"
    assert part.text.value[annotation.start_index : annotation.end_index] == annotation.text
    assert client.files.retrieve(annotation.file_citation.file_id).filename == "manual.txt"
    assert (message.run_id, message.assistant_id) == (run.id, assistant.id)


def test_a_run_shows_its_resolved_settings(client: openai.OpenAI, assistant: Assistant) -> None:
    run = client.beta.threads.runs.create_and_poll(
        thread_id=ask(client, "hello"),
        assistant_id=assistant.id,
        additional_instructions="Be brief.",
        metadata={"a": "b"},
        temperature=0.3,
        max_completion_tokens=300,
    )
    shown = run.to_dict()
    assert shown["instructions"] == "Answer from the manual.\n\nBe brief."
    assert shown["tools"] == [{"type": "file_search"}]
    assert (shown["temperature"], shown["top_p"], shown["tool_choice"]) == (0.3, 1.0, "auto")
    assert shown["truncation_strategy"] == {"type": "auto", "last_messages": None}
    assert (shown["metadata"], shown["max_completion_tokens"]) == ({"a": "b"}, 300)
    assert shown["usage"]["total_tokens"] > 0
    assert shown["deskside"]["answered_by"] == "reader"
    changed = client.beta.threads.runs.update(run.id, thread_id=run.thread_id, metadata={"c": "d"})
    assert changed.to_dict() == shown | {"metadata": {"c": "d"}}
    assert [each.id for each in client.beta.threads.runs.list(run.thread_id)] == [run.id]


def test_steps_show_the_search_and_its_results_when_asked(client: openai.OpenAI, assistant: Assistant) -> None:
    run = client.beta.threads.runs.create_and_poll(
        thread_id=ask(client, "How long does the battery charge?"), assistant_id=assistant.id
    )
    where = {"run_id": run.id, "thread_id": run.thread_id}
    message, search = client.beta.threads.runs.steps.list(**where).data
    assert (message.type, search.type) == ("message_creation", "tool_calls")
    (call,) = search.to_dict()["step_details"]["tool_calls"]  # type: ignore[index, call-overload]
    assert "content" not in call["file_search"]["results"][0]
    with_content = client.beta.threads.runs.steps.retrieve(
        search.id, **where, include=["step_details.tool_calls[*].file_search.results[*].content"]
    ).to_dict()
    (call,) = with_content["step_details"]["tool_calls"]  # type: ignore[index, call-overload]
    assert "four hours" in call["file_search"]["results"][0]["content"][0]["text"]


def test_a_stream_has_the_protocol_s_order(client: openai.OpenAI, assistant: Assistant) -> None:
    names, text = [], ""
    with client.beta.threads.runs.create(
        thread_id=ask(client, "How long does the battery charge?"), assistant_id=assistant.id, stream=True
    ) as events:
        for event in events:
            if not names or names[-1] != event.event:
                names.append(event.event)
            if event.event == "thread.message.delta":
                for part in event.data.delta.content or []:
                    if part.type == "text" and part.text is not None:
                        text += part.text.value or ""
            if event.event == "thread.message.completed":
                whole = event.data.content[0]
                assert whole.type == "text"
                assert text == whole.text.value
    assert names == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.run.step.delta",
        "thread.run.step.completed",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.delta",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
    ]


def test_a_thread_made_with_its_run_comes_first_in_the_stream(http: httpx2.Client, assistant: Assistant) -> None:
    body = {
        "assistant_id": assistant.id,
        "stream": True,
        "thread": {"messages": [{"role": "user", "content": "hello"}]},
    }
    with http.stream("POST", "/threads/runs", json=body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        raw = answer.read().decode()
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in raw.strip().split("\n\n")]
    assert blocks[0]["event"] == "thread.created"
    assert json.loads(blocks[0]["data"])["object"] == "thread"
    assert blocks[1]["event"] == "thread.run.created"
    assert blocks[-1] == {"event": "done", "data": "[DONE]"}


def test_a_stream_that_can_t_begin_is_an_ordinary_refusal(http: httpx2.Client, client: openai.OpenAI) -> None:
    body = {"assistant_id": "asst_" + "0" * 24, "stream": True}
    answer = http.post(f"/threads/{ask(client, 'x')}/runs", json=body)
    assert answer.status_code == 404
    threads = http.get("/threads").json()["data"]
    assert http.post("/threads/runs", json=body).status_code == 404
    assert http.get("/threads").json()["data"] == threads


def test_additional_messages_are_stored_before_the_answer(client: openai.OpenAI, assistant: Assistant) -> None:
    thread_id = ask(client, "hello")
    client.beta.threads.runs.create_and_poll(
        thread_id=thread_id,
        assistant_id=assistant.id,
        additional_messages=[{"role": "user", "content": "How long does the battery charge?"}],
    )
    roles = [each.role for each in client.beta.threads.messages.list(thread_id, order="asc")]
    assert roles == ["user", "user", "assistant"]


def test_a_thread_with_a_run_is_locked_and_one_of_two_racing_runs_wins(
    client: openai.OpenAI, assistant: Assistant
) -> None:
    thread_id = ask(client, "How long does the battery charge?")
    outcomes: list[str] = []

    def race() -> None:
        try:
            outcomes.append(client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant.id).id)
        except openai.BadRequestError as error:
            outcomes.append("refused" if thread_id in error.message else error.message)

    racers = [threading.Thread(target=race) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    won = [outcome for outcome in outcomes if outcome != "refused"]
    assert len(outcomes) == 4
    assert won
    for run_id in won:
        assert client.beta.threads.runs.poll(run_id, thread_id=thread_id).status == "completed"
    answers = client.beta.threads.messages.list(thread_id).data
    assert len(answers) == 1 + len(won)


def test_a_run_of_another_thread_is_not_found(client: openai.OpenAI, assistant: Assistant) -> None:
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "hello"}]}
    )
    with pytest.raises(openai.NotFoundError, match="No run found"):
        client.beta.threads.runs.retrieve(run.id, thread_id=ask(client, "x"))
    with pytest.raises(openai.BadRequestError, match="Cannot cancel run with status 'completed'"):
        client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)


def test_a_client_that_leaves_does_not_stop_its_run(
    http: httpx2.Client, client: openai.OpenAI, assistant: Assistant
) -> None:
    thread_id = ask(client, "How long does the battery charge?")
    body = {"assistant_id": assistant.id, "stream": True}
    with http.stream("POST", f"/threads/{thread_id}/runs", json=body) as answer:
        assert answer.status_code == 200
        first = next(answer.iter_lines())
    assert first == "event: thread.run.created"
    (run,) = client.beta.threads.runs.list(thread_id).data
    assert client.beta.threads.runs.poll(run.id, thread_id=thread_id).status == "completed"
    assert len(client.beta.threads.messages.list(thread_id).data) == 2


def test_the_first_words_come_while_the_model_still_speaks(stage: Stage) -> None:
    stage.provider.play(Turn("one two", hang_after=1))
    runs = stage.client.beta.threads.runs
    made = stage.client.beta.assistants.create(model="scripted")
    thread_id = ask(stage.client, "Count.")
    with runs.create(thread_id=thread_id, assistant_id=made.id, stream=True) as events:
        first = next(event for event in events if event.event == "thread.message.delta")
        (part,) = first.data.delta.content or []
        assert part.type == "text"
        assert part.text is not None
        assert part.text.value == "one "
        (run,) = runs.list(thread_id).data
        assert run.status == "in_progress"
        runs.cancel(run.id, thread_id=thread_id)
    assert runs.poll(run.id, thread_id=thread_id).status == "cancelled"
    assert stage.provider.wait_until_left()


def test_models_are_the_reader_without_a_provider(client: openai.OpenAI, shared: ServiceProcess) -> None:
    (model,) = client.models.list().data
    assert model.id == "deskside-reader"
    assert client.models.retrieve(model.id) == model


def test_a_run_that_cannot_be_made_leaves_no_thread_behind(client: openai.OpenAI, http: httpx2.Client) -> None:
    before = http.get("/threads").json()["first_id"]
    with pytest.raises(openai.NotFoundError, match="assistant"):
        client.beta.threads.create_and_run(
            assistant_id="asst_" + "0" * 24, thread={"messages": [{"role": "user", "content": "Hello?"}]}
        )
    assert http.get("/threads").json()["first_id"] == before
