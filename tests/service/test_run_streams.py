"""Runs through the real service and the official SDK: streams, kills, cancelled requests, and the provider's key."""

import time

import openai
import pytest
from openai.lib.streaming import AssistantEventHandler  # type: ignore[attr-defined]
from typing_extensions import override

from tests.service.conftest import PROVIDER_KEY, Serve, sdk
from tests.support.scripted_provider import Turn

pytestmark = pytest.mark.filterwarnings("ignore:The Assistants API is deprecated:DeprecationWarning")


def _thread(client: openai.OpenAI, question: str) -> tuple[str, str]:
    assistant = client.beta.assistants.create(model="scripted", instructions="Be brief.")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    return assistant.id, thread.id


class _Handler(AssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    @override
    def on_text_delta(self, delta: object, snapshot: object) -> None:
        self.heard.append("text")


def test_the_sdks_event_handler_follows_a_run(serve: Serve) -> None:
    service, _ = serve(Turn("Paris is the capital of France."))
    with sdk(service) as client:
        assistant_id, thread_id = _thread(client, "What is the capital of France?")
        handler = _Handler()
        with client.beta.threads.runs.stream(
            thread_id=thread_id, assistant_id=assistant_id, event_handler=handler
        ) as stream:
            stream.until_done()
            (message,) = stream.get_final_messages()
        assert message.content[0].text.value == "Paris is the capital of France."
        assert handler.heard
        run = handler.current_run
        assert run is not None
        assert run.status == "completed"


def test_a_killed_service_ends_its_run_and_keeps_the_text(serve: Serve) -> None:
    service, _ = serve(Turn("one two three four five", hang_after=4), Turn("Again."))
    with sdk(service) as client:
        assistant_id, thread_id = _thread(client, "Count.")
        run = client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id)
        _wait_for_text(client, thread_id, "one two three four ")
    service.restart()
    with sdk(service) as client:
        ended = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
        assert ended.status == "failed"
        assert ended.last_error is not None
        assert "stopped" in ended.last_error.message
        answer = client.beta.threads.messages.list(thread_id).data[0]
        assert (answer.status, answer.content[0].text.value) == ("incomplete", "one two three four ")
        again = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id)
        assert again.status == "completed"


def test_a_client_that_leaves_does_not_stop_its_run(serve: Serve) -> None:
    service, provider = serve(Turn("one two three four five six seven eight nine ten", rate=20))
    with sdk(service) as client:
        assistant_id, thread_id = _thread(client, "Count.")
        stream = client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id, stream=True)
        run_id = next(iter(stream)).data.id
        stream.close()
        client.beta.threads.runs.poll(run_id, thread_id=thread_id)
        answer = client.beta.threads.messages.list(thread_id).data[0]
        assert answer.content[0].text.value == "one two three four five six seven eight nine ten"
    assert provider.left == 0


def test_cancelling_a_run_closes_the_providers_stream(serve: Serve) -> None:
    service, provider = serve(Turn("one two three", hang_after=2))
    with sdk(service) as client:
        assistant_id, thread_id = _thread(client, "Count.")
        events = []
        for event in client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id, stream=True):
            events.append(event.event)
            if event.event == "thread.message.delta" and events.count(event.event) == 1:
                client.beta.threads.runs.cancel(_run_id(client, thread_id), thread_id=thread_id)
        assert events[-4:] == [
            "thread.run.cancelling",
            "thread.run.step.cancelled",
            "thread.message.incomplete",
            "thread.run.cancelled",
        ]
    assert provider.wait_until_left()


def test_the_providers_key_appears_nowhere(serve: Serve) -> None:
    service, provider = serve(Turn(status=401, error="Incorrect API key provided: {key}"))
    with sdk(service) as client:
        assistant_id, thread_id = _thread(client, "Hello?")
        run = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id)
        assert run.status == "failed"
        assert PROVIDER_KEY not in run.to_json()
    assert provider.keys == [PROVIDER_KEY]
    service.stop()
    assert PROVIDER_KEY not in service.log()
    for path in service.data_dir.rglob("*"):
        assert path.is_dir() or PROVIDER_KEY.encode() not in path.read_bytes()


def _run_id(client: openai.OpenAI, thread_id: str) -> str:
    return client.beta.threads.runs.list(thread_id, limit=1).data[0].id


def _wait_for_text(client: openai.OpenAI, thread_id: str, text: str) -> None:
    """Until the answer that is being written has this text in the database."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        content = client.beta.threads.messages.list(thread_id, limit=1).data[0].content
        if content and content[0].text.value == text:
            return
        time.sleep(0.05)
    raise AssertionError("the text was not saved")
