"""When a run expires: the setting, and what a single request asks for."""

import httpx2
import openai
import pytest

from tests.service.conftest import sdk
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

HEADER = "X-Deskside-Run-Timeout-S"
HELLO = [{"role": "user", "content": "hello"}]


def _lifetime(client: openai.OpenAI, **headers: str) -> int:
    """Seconds from a run's creation to its expiry."""
    assistant = client.beta.assistants.create(model="deskside-reader")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
    run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, extra_headers=headers)
    assert run.expires_at is not None
    return run.expires_at - run.created_at


def test_a_run_expires_after_ten_minutes_or_when_its_request_says(client: openai.OpenAI) -> None:
    assert _lifetime(client) == 600
    assert _lifetime(client, **{HEADER: "30"}) == 30


@pytest.mark.parametrize("given", ["0", "-1", "86401", "soon", "1.5", "²", ""])
def test_a_timeout_that_is_none_is_refused_and_makes_nothing(http: httpx2.Client, given: str) -> None:
    assistant = http.post("/assistants", json={"model": "deskside-reader"}).json()
    before = http.get("/threads").json()["data"]
    answer = http.post(
        "/threads/runs",
        json={"assistant_id": assistant["id"], "thread": {"messages": HELLO}},
        headers={HEADER: given.encode()},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == HEADER
    assert http.get("/threads").json()["data"] == before


def test_a_run_on_a_silent_provider_expires_when_its_request_says(service: ServiceProcess) -> None:
    with ScriptedProvider([Turn("one two", hang_after=1)]) as provider:
        service.stop()
        service.environment["DESKSIDE_PROVIDER_URL"] = provider.base_url
        service.start()
        with sdk(service) as client:
            assistant = client.beta.assistants.create(model="scripted")
            thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
            events = client.beta.threads.runs.create(
                thread.id, assistant_id=assistant.id, stream=True, extra_headers={HEADER: "2"}
            )
            assert [event.event for event in events][-1] == "thread.run.expired"
            answer = client.beta.threads.messages.list(thread.id).data[0].to_dict()
            assert answer["incomplete_details"] == {"reason": "run_expired"}
            client.beta.threads.messages.create(thread.id, role="user", content="The thread is free.")
            assert provider.wait_until_left()


def test_the_setting_is_the_default(service: ServiceProcess) -> None:
    service.stop()
    service.environment["DESKSIDE_RUN_TIMEOUT_S"] = "45"
    service.start()
    with sdk(service) as client:
        assert _lifetime(client) == 45
        assert _lifetime(client, **{HEADER: "5000"}) == 5000
