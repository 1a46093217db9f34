"""Runs over SIGKILL: what was answered with 200 is there, runs go on or end readably, and no thread stays locked."""

import random
import threading
import time
from contextlib import suppress
from typing import Any

import httpx2
import openai
import pytest
from openai.types.beta.threads import Run

from tests.service.conftest import Serve, plain, sdk
from tests.service.functions import QUESTION, WEATHER, asked, outputs, path, weather
from tests.service.test_expiry import change
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

MANUAL = b"The battery charges in four hours with the charger supplied.\n"
SEARCH_AND_CALL = Turn(
    "One moment.",
    calls=[
        {"name": "file_search", "arguments": {"query": "battery"}, "id": "call_search"},
        {"name": "weather", "arguments": {"city": "Bergen"}, "id": "call_Bergen"},
    ],
    usage=(100, 10),
)


def begin(client: openai.OpenAI, **params: Any) -> Run:
    """A run with a function on a thread of its own."""
    assistant = client.beta.assistants.create(**{"model": "scripted", "tools": [WEATHER], **params})
    thread = client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    return client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)


def poll(client: openai.OpenAI, run: Run) -> Run:
    return client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)


def wait_for_request(provider: ScriptedProvider, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(provider.requests) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def assert_free(client: openai.OpenAI, provider: ScriptedProvider, run: Run) -> None:
    provider.play(Turn("Now it works."))
    client.beta.threads.messages.create(run.thread_id, role="user", content="And now?")
    again = client.beta.threads.runs.create(thread_id=run.thread_id, assistant_id=run.assistant_id)
    assert poll(client, again).status == "completed"


def test_a_run_that_waits_still_waits_and_goes_on_with_all_that_it_had(serve: Serve) -> None:
    service, provider = serve(SEARCH_AND_CALL, Turn("Four hours [1], in the rain.", usage=(200, 20)))
    with sdk(service) as client:
        file = client.files.create(file=("manual.txt", MANUAL), purpose="assistants")
        store = client.vector_stores.create()
        client.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id)
        run = poll(
            client,
            begin(
                client,
                tools=[{"type": "file_search"}, WEATHER],
                tool_resources={"file_search": {"vector_store_ids": [store.id]}},
            ),
        )
        assert [call.id for call in asked(run)] == ["call_Bergen"]
    service.restart()
    with sdk(service) as client:
        assert client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id) == run
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
        ended = poll(client, run)
        assert ended.status == "completed", ended.last_error
        assert ended.usage is not None
        assert (ended.usage.prompt_tokens, ended.usage.completion_tokens) == (300, 30)
        part = client.beta.threads.messages.list(run.thread_id, limit=1).data[0].content[0]
        assert part.type == "text"
        assert [annotation.type for annotation in part.text.annotations] == ["file_citation"]
    said, found, output = provider.requests[1]["messages"][-3:]
    assert said["content"] == "One moment."
    assert [call["id"] for call in said["tool_calls"]] == ["call_search", "call_Bergen"]
    assert found == {
        "role": "tool",
        "tool_call_id": "call_search",
        "content": f"[1] manual.txt\n{MANUAL.decode().strip()}",
    }
    assert output == {"role": "tool", "tool_call_id": "call_Bergen", "content": "rain"}


def test_a_run_killed_behind_its_outputs_goes_on_with_them(serve: Serve) -> None:
    service, provider = serve(weather("Bergen"), Turn("Never said", hang_after=0), Turn("It rains."))
    with sdk(service) as client:
        run = poll(client, begin(client))
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
        wait_for_request(provider, 2)
    service.restart()
    with sdk(service) as client:
        assert poll(client, run).status == "completed"
        steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
        assert [step.type for step in steps] == ["tool_calls", "message_creation"]
    assert len(provider.requests) == 3
    assert provider.requests[2]["messages"] == provider.requests[1]["messages"]


@pytest.mark.parametrize(
    "turn",
    [Turn("one two three", hang_after=2), weather("Oslo", hang_after=2), weather("Oslo", text="Wait.", hang_after=3)],
    ids=["answer", "call", "text and call"],
)
def test_a_run_killed_while_the_model_speaks_ends_readably_and_keeps_its_outputs(serve: Serve, turn: Turn) -> None:
    service, provider = serve(weather("Bergen"), turn)
    with sdk(service) as client:
        run = poll(client, begin(client))
        client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
        deadline = time.monotonic() + 20
        while len(client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data) < 2:
            assert time.monotonic() < deadline
        time.sleep(0.5)  # streamed text is saved five times a second
    service.restart()
    with sdk(service) as client:
        ended = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
        assert (ended.status, ended.required_action) == ("failed", None)
        assert ended.last_error is not None
        assert (ended.last_error.code, "stopped" in ended.last_error.message) == ("server_error", True)
        assert ended.usage is not None
        assert ended.usage.total_tokens == 120
        steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
        assert steps[0].step_details.type == "tool_calls"
        (call,) = steps[0].step_details.tool_calls
        assert call.type == "function"
        assert (steps[0].status, call.function.output) == ("completed", "rain")
        assert "in_progress" not in {step.status for step in steps}
        if turn.text.startswith("one"):  # type: ignore[union-attr]
            message = client.beta.threads.messages.list(run.thread_id, limit=1).data[0]
            assert (message.status, message.content[0].text.value) == ("incomplete", "one two ")  # type: ignore[union-attr]
        assert_free(client, provider, run)


def test_kills_around_a_submit_lose_no_output_that_was_answered(serve: Serve) -> None:
    service, provider = serve(Turn("Unused."))
    moments = random.Random(7)
    for _ in range(3):
        provider.play(weather("Bergen"), Turn("It rains.", hang=0.05), Turn("It rains."))
        with sdk(service) as client:
            run = poll(client, begin(client))
        answered = _submit_and_kill(service, run, moments.uniform(0.0, 0.1))
        service.start()
        with sdk(service) as client:
            now = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
            if now.status == "requires_action":
                assert not answered
                client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
            ended = poll(client, run)
            assert ended.status == "completed" or (ended.last_error and "stopped" in ended.last_error.message)
            (*_, step) = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
            assert step.step_details.type == "tool_calls"
            (call,) = step.step_details.tool_calls
            assert call.type == "function"
            assert (step.status, call.function.output) == ("completed", "rain")
            assert_free(client, provider, run)


def _submit_and_kill(service: ServiceProcess, run: Run, after_s: float) -> bool:
    """Whether the submit was answered before the kill."""
    answered = threading.Event()

    def submit() -> None:
        with suppress(httpx2.TransportError), plain(service) as http:
            if http.post(path(run, "submit_tool_outputs"), json=outputs(run)).status_code == 200:
                answered.set()

    submitting = threading.Thread(target=submit)
    submitting.start()
    time.sleep(after_s)
    service.kill()
    submitting.join()
    return answered.is_set()


def test_a_run_whose_time_was_over_while_nothing_ran_has_expired(serve: Serve) -> None:
    service, provider = serve(weather("Bergen"))
    with sdk(service) as client:
        run = poll(client, begin(client))
        assert run.status == "requires_action"
    service.kill()
    change(service, "UPDATE runs SET expires_at = created_at")
    with sdk(service) as client:
        assert client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id).status == "expired"
        (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
        assert step.status == "expired"
        assert_free(client, provider, run)


def test_a_run_that_waits_expires_on_time_after_a_kill(serve: Serve) -> None:
    service, _ = serve(weather("Bergen"))
    with sdk(service) as client:
        run = poll(client, begin(client))
        assert run.status == "requires_action"
    service.kill()
    expires_at = int(time.time()) + 4
    change(service, f"UPDATE runs SET expires_at = {expires_at}")
    with sdk(service) as client:
        deadline = time.monotonic() + 30
        while client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id).status != "expired":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
        assert step.expired_at is not None
        assert step.expired_at >= expires_at
