"""A run in each of its states: cancelled, expired, deleted under its feet, changed and listed."""

import threading
import time
from typing import Any

import httpx2
import openai
import pytest
from openai.types.beta.threads import Run

from desktop_app.wire.events import Event
from tests.service.conftest import Serve, Stage, sdk
from tests.service.functions import (
    BEGUN,
    CALLED,
    CONTINUED,
    QUESTION,
    WEATHER,
    WRITING,
    begin,
    outputs,
    path,
    submit,
    weather,
)
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names, parse_events, read_stream

TIMEOUT = "X-Deskside-Run-Timeout-S"
CANCELLED = ["run.cancelling", "run.step.cancelled", "message.incomplete", "run.cancelled"]


def thread_of(stage: Stage, *turns: Turn) -> tuple[str, dict[str, Any]]:
    """The path and the body that begin a run on a new thread with these turns of the model."""
    stage.provider.play(*turns)
    assistant = stage.client.beta.assistants.create(model="scripted", tools=[WEATHER])  # type: ignore[list-item]
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    return f"/threads/{thread.id}/runs", {"assistant_id": assistant.id}


def newest(stage: Stage, url: str) -> Run:
    return stage.client.beta.threads.runs.list(url.split("/")[2], limit=1).data[0]


def stream_until(stage: Stage, url: str, body: dict[str, Any], name: str, act: Any) -> list[Event]:
    """The events of a stream; `act` is called with the run when the event `name` has come."""
    raw, acted = b"", False
    with stage.http.stream("POST", url, json={**body, "stream": True}) as answer:
        for piece in answer.iter_raw():
            raw += piece
            if not acted and f"event: thread.{name}\n".encode() in raw:
                acted = True
                act(newest(stage, url))
    return parse_events(raw)


def cancel(stage: Stage, run: Run) -> Run:
    return stage.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)


def assert_free(stage: Stage, run: Run) -> None:
    """The thread takes messages and runs again."""
    stage.client.beta.threads.messages.create(run.thread_id, role="user", content="And now?")
    stage.provider.play(Turn("Now it works."))
    again = stage.client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=run.assistant_id)
    assert again.status == "completed"


def wait_for_text(stage: Stage, run: Run) -> None:
    """Until the run has begun its message."""
    deadline = time.monotonic() + 20
    while not stage.client.beta.threads.messages.list(run.thread_id, limit=1).data[0].run_id:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_until(stage: Stage, run: Run, status: str) -> Run:
    deadline = time.monotonic() + 20
    while run.status != status:
        assert time.monotonic() < deadline, run.status
        time.sleep(0.05)
        run = stage.client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
    return run


def test_a_run_that_waits_for_outputs_is_cancelled_at_once(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"))
    cancelled = cancel(stage, run)
    assert (cancelled.status, cancelled.required_action, cancelled.expires_at) == ("cancelled", None, None)
    assert cancelled.cancelled_at is not None
    assert cancelled.usage is not None
    assert cancelled.usage.total_tokens == 120
    (step,) = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert (step.status, step.cancelled_at) == ("cancelled", cancelled.cancelled_at)
    assert step.usage is not None
    assert step.usage.total_tokens == 120
    with pytest.raises(openai.BadRequestError, match='Runs in status "cancelled" do not accept tool outputs'):
        submit(stage, run)
    with pytest.raises(openai.BadRequestError, match="Cannot cancel run with status 'cancelled'"):
        cancel(stage, run)
    assert_free(stage, run)


def test_cancelling_in_the_middle_of_an_answer_closes_the_providers_request(stage: Stage) -> None:
    url, body = thread_of(stage, Turn("one two three", hang_after=2))
    answered: list[str] = []
    events = stream_until(stage, url, body, "message.delta", lambda run: answered.append(cancel(stage, run).status))
    assert answered == ["cancelling"]
    assert names(events) == [*BEGUN, *WRITING, *CANCELLED]
    (message,) = find(events, "message.incomplete")
    assert message["incomplete_details"] == {"reason": "run_cancelled"}
    assert message["content"][0]["text"]["value"] == "one two "
    assert stage.provider.wait_until_left()
    assert_free(stage, newest(stage, url))


def test_cancelling_after_the_outputs_closes_the_request_that_was_made_with_them(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), Turn("one two three", hang_after=2))
    url = path(run, "submit_tool_outputs")
    events = stream_until(stage, url, outputs(run), "message.delta", lambda run: cancel(stage, run))
    assert names(events) == [*CONTINUED, *WRITING, *CANCELLED]
    assert stage.provider.wait_until_left()
    steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [step.status for step in steps] == ["completed", "cancelled"]


def test_cancelling_while_the_model_writes_a_call_keeps_what_it_wrote(stage: Stage) -> None:
    url, body = thread_of(stage, weather("Bergen", hang_after=2))
    events = stream_until(stage, url, body, "run.step.delta", lambda run: cancel(stage, run))
    assert names(events) == [*BEGUN, *CALLED, "run.cancelling", "run.step.cancelled", "run.cancelled"]
    told = [delta["delta"]["step_details"]["tool_calls"][0] for delta in find(events, "run.step.delta")]
    (step,) = find(events, "run.step.cancelled")
    (call,) = step["step_details"]["tool_calls"]
    assert call["function"]["arguments"] == "".join(each["function"]["arguments"] for each in told)
    assert stage.provider.wait_until_left()


def test_cancelling_before_the_provider_says_a_word(stage: Stage) -> None:
    url, body = thread_of(stage, Turn("Never said", hang_after=0))
    events = stream_until(stage, url, body, "run.in_progress", lambda run: cancel(stage, run))
    assert names(events) == [*BEGUN, "run.cancelling", "run.cancelled"]
    assert stage.provider.wait_until_left()
    assert newest(stage, url).usage is not None


@pytest.mark.parametrize("turn", [Turn("Done."), Turn(status=500, error="oops"), Turn("Cut", finish_reason="length")])
def test_a_run_that_has_ended_can_t_be_cancelled(stage: Stage, turn: Turn) -> None:
    run = begin(stage, turn)
    with pytest.raises(openai.BadRequestError, match=f"Cannot cancel run with status '{run.status}'"):
        cancel(stage, run)
    assert stage.client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id) == run


def test_of_a_cancel_and_a_submit_that_race_one_wins(stage: Stage) -> None:
    for _ in range(8):
        run = begin(stage, weather("Bergen"), Turn("Fine."))
        answers: dict[str, httpx2.Response] = {}
        body = {"submit_tool_outputs": outputs(run), "cancel": {}}

        def act(action: str) -> None:
            answers[action] = stage.http.post(path(run, action), json=body[action])  # noqa: B023  # joined below

        racers = [threading.Thread(target=act, args=(action,)) for action in body]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        ended = stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
        if answers["submit_tool_outputs"].status_code == 400:
            assert ended.status == "cancelled"
        else:
            assert ended.status == ("completed" if answers["cancel"].status_code == 400 else "cancelled")
        steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
        assert {step.status for step in steps} <= {"completed", "cancelled"}


@pytest.mark.parametrize("turn", [Turn("one two", hang_after=1), weather("Bergen")], ids=["in_progress", "waiting"])
def test_a_thread_can_be_deleted_under_its_run(stage: Stage, turn: Turn) -> None:
    url, body = thread_of(stage, turn)
    run = Run.model_validate(stage.http.post(url, json=body).json())
    stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id) if turn.calls else wait_for_text(stage, run)
    stage.client.beta.threads.delete(run.thread_id)
    for gone in (path(run), path(run, "steps")):
        assert stage.http.get(gone).status_code == 404
    submitted = {"tool_outputs": [{"tool_call_id": "call_Bergen", "output": ""}]}
    assert stage.http.post(path(run, "submit_tool_outputs"), json=submitted).status_code == 404
    if turn.hang_after:
        assert stage.provider.wait_until_left()


def test_a_stream_whose_thread_is_deleted_ends_in_order(stage: Stage) -> None:
    url, body = thread_of(stage, Turn("one two", hang_after=1))
    events = stream_until(
        stage, url, body, "message.delta", lambda run: stage.client.beta.threads.delete(run.thread_id)
    )
    assert names(events) == [*BEGUN, *WRITING, *CANCELLED[1:]]


def test_a_run_that_waits_too_long_for_outputs_expires(stage: Stage) -> None:
    url, body = thread_of(stage, weather("Bergen"), Turn("Fine."))
    run = Run.model_validate(stage.http.post(url, json=body, headers={TIMEOUT: "3"}).json())
    waiting = stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    assert (waiting.status, waiting.expires_at) == ("requires_action", run.created_at + 3)
    expired = wait_until(stage, run, "expired")
    assert (expired.required_action, expired.expires_at) == (None, run.expires_at)
    (step,) = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert step.status == "expired"
    assert step.expired_at is not None
    assert run.expires_at is not None
    assert step.expired_at >= run.expires_at
    with pytest.raises(openai.BadRequestError, match='Runs in status "expired" do not accept tool outputs'):
        submit(stage, waiting)
    assert_free(stage, run)


def test_a_stream_whose_run_expires_says_so_and_ends(stage: Stage) -> None:
    url, body = thread_of(stage, Turn("one two", hang_after=1))
    with stage.http.stream("POST", url, json={**body, "stream": True}, headers={TIMEOUT: "2"}) as answer:
        events = parse_events(answer.read())
    assert names(events) == [*BEGUN, *WRITING, "message.incomplete", "run.step.expired", "run.expired"]
    (message,) = find(events, "message.incomplete")
    assert message["incomplete_details"] == {"reason": "run_expired"}
    assert stage.provider.wait_until_left()


def test_the_time_of_a_run_is_not_renewed_by_its_outputs(stage: Stage) -> None:
    url, body = thread_of(stage, weather("Bergen"), Turn("one two", hang_after=1))
    run = Run.model_validate(stage.http.post(url, json=body, headers={TIMEOUT: "4"}).json())
    run = stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    events = read_stream(stage.http, path(run, "submit_tool_outputs"), outputs(run))
    assert {run["expires_at"] for name in ("queued", "in_progress") for run in find(events, f"run.{name}")} == {
        run.expires_at
    }
    assert names(events)[-3:] == ["message.incomplete", "run.step.expired", "run.expired"]


def test_a_thread_whose_run_waits_is_locked_but_can_be_read_and_edited(stage: Stage) -> None:
    run = begin(stage, weather("Bergen", text="Wait."), Turn("Fine."))
    messages = stage.client.beta.threads.messages
    with pytest.raises(openai.BadRequestError, match=f"Can't add messages to {run.thread_id} while a run {run.id}"):
        messages.create(run.thread_id, role="user", content="And now?")
    with pytest.raises(openai.BadRequestError, match=f"Thread {run.thread_id} already has an active run {run.id}"):
        stage.client.beta.threads.runs.create(run.thread_id, assistant_id=run.assistant_id)
    said, question = messages.list(run.thread_id).data
    assert messages.update(question.id, thread_id=run.thread_id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert messages.delete(said.id, thread_id=run.thread_id).deleted
    assert submit(stage, run).status == "completed"
    assert stage.provider.requests[1]["messages"][1]["content"] is None


@pytest.mark.parametrize("action", ["", "cancel", "submit_tool_outputs", "steps", "steps/step_none"])
def test_a_run_is_found_through_its_own_thread_only(stage: Stage, action: str) -> None:
    run = begin(stage, weather("Bergen"))
    method, body = ("POST", outputs(run)) if action in ("cancel", "submit_tool_outputs") else ("GET", None)
    other = stage.client.beta.threads.create().id
    unknown = "thread_" + "0" * 24
    for thread_id, message in (
        (other, f"No run found with id '{run.id}'."),
        (unknown, f"No thread found with id '{unknown}'."),
    ):
        url = path(run, action).replace(run.thread_id, thread_id)
        refused = stage.http.request(method, url, json=body)
        assert (refused.status_code, refused.json()["error"]["message"]) == (404, message)
    assert cancel(stage, run).status == "cancelled"


def test_the_metadata_of_a_run_can_be_changed_in_any_state(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), Turn("one two", hang_after=1))
    seen = []

    def change(number: int) -> None:
        changed = stage.client.beta.threads.runs.update(
            run.id, thread_id=run.thread_id, metadata={"number": str(number)}
        )
        assert changed.metadata == {"number": str(number)}
        seen.append(changed.status)

    change(1)
    stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
    wait_for_text(stage, run)
    change(2)
    cancel(stage, run)
    wait_until(stage, run, "cancelled")
    change(3)
    assert seen == ["requires_action", "in_progress", "cancelled"]
    ended = stage.client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
    assert ended.metadata == {"number": "3"}
    refused = stage.http.post(path(run), json={"instructions": "Be rude."})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "unknown_parameter")


def test_runs_and_steps_are_listed_page_by_page(stage: Stage) -> None:
    run = begin(stage, Turn("One."))
    ids = [run.id]
    for _ in range(4):
        stage.provider.play(weather("Bergen"), weather("Oslo"), Turn("Fine."))
        run = stage.client.beta.threads.runs.create_and_poll(thread_id=run.thread_id, assistant_id=run.assistant_id)
        run = submit(stage, submit(stage, run))
        ids.append(run.id)
    runs = stage.client.beta.threads.runs
    assert [each.id for each in runs.list(run.thread_id, limit=2)] == ids[::-1]
    assert [each.id for each in runs.list(run.thread_id, limit=2, order="asc")] == ids
    assert [each.id for each in runs.list(run.thread_id, limit=2, before=ids[1]).data] == ids[3:1:-1]
    steps = runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [step.type for step in steps] == ["tool_calls", "tool_calls", "message_creation"]
    newest_first = [step.id for step in runs.steps.list(run.id, thread_id=run.thread_id, limit=1)]
    assert newest_first == [step.id for step in reversed(steps)]
    assert runs.steps.retrieve(steps[0].id, run_id=run.id, thread_id=run.thread_id) == steps[0]
    with pytest.raises(openai.NotFoundError, match="No run step found"):
        runs.steps.retrieve(steps[0].id, run_id=ids[0], thread_id=run.thread_id)


def test_additional_messages_and_instructions_reach_every_turn_of_a_run(stage: Stage) -> None:
    run = begin(
        stage,
        weather("Bergen"),
        Turn("Fine."),
        instructions="Be kind.",
        additional_instructions="Be brief.",
        additional_messages=[{"role": "assistant", "content": "Where?"}, {"role": "user", "content": "In Bergen."}],
    )
    assert submit(stage, run).status == "completed"
    for request in stage.provider.requests:
        told = [message["content"] for message in request["messages"][:4]]
        assert told == ["Be kind.\n\nBe brief.", QUESTION["content"], "Where?", "In Bergen."]
    messages = stage.client.beta.threads.messages.list(run.thread_id, order="asc").data
    assert [message.role for message in messages] == ["user", "assistant", "user", "assistant"]


def test_a_run_that_waits_is_in_no_task_and_survives_an_orderly_end(serve: Serve) -> None:
    service, provider = serve(weather("Bergen"), Turn("Fine."))
    with sdk(service) as client:
        assistant = client.beta.assistants.create(model="scripted", tools=[WEATHER])  # type: ignore[list-item]
        run = client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id,
            thread={"messages": [QUESTION]},  # type: ignore[typeddict-item, list-item]
        )
    assert service.stop() == 0
    service.start()
    with sdk(service) as client:
        assert client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id) == run
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
        assert client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"
    assert len(provider.requests) == 2
