"""A provider that is spoken to over Responses, with the real SDK in front of the real service."""

import json
from typing import Any

from desktop_app.wire.events import REASONING_DELTA, REASONING_HEADER
from tests.service.conftest import Serve, ask, sdk
from tests.support.protocol import check_event
from tests.support.scripted_provider import Turn

WEATHER: Any = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
CALL = {"name": "weather", "arguments": {"city": "Paris"}, "id": "call_a"}


def test_a_function_is_called_and_its_output_answered(serve: Serve) -> None:
    service, provider = serve(
        Turn("Let me look.", thoughts=["Rain?"], calls=[CALL], details=(70, 10)),
        Turn("It rains in Paris.", details=(80, 0)),
        provider_wire="responses",
    )
    with sdk(service) as client:
        run = ask(client, "How is the weather?", assistant={"tools": [WEATHER], "instructions": "Be brief."})
        assert run["status"] == "requires_action", run
        (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        assert call == {"id": "call_a", "type": "function"} | {
            "function": {"name": "weather", "arguments": '{"city": "Paris"}'}
        }
        ended = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run["id"], thread_id=run["thread_id"], tool_outputs=[{"tool_call_id": "call_a", "output": "Rain."}]
        ).to_dict()
        assert ended["status"] == "completed", ended["last_error"]
        assert ended["deskside"]["usage"] == {"cached_tokens": 150, "reasoning_tokens": 10}  # type: ignore[index]
        messages = client.beta.threads.messages.list(run["thread_id"], order="asc").data
        said = [part.text.value for message in messages for part in message.content if part.type == "text"]
        assert said == ["How is the weather?", "Let me look.", "It rains in Paris."]
        steps = client.beta.threads.runs.steps.list(run["id"], thread_id=run["thread_id"], order="asc").data
        assert [step.to_dict()["deskside"]["reasoning"] for step in steps] == ["Rain?", "", ""]  # type: ignore[index]
    first, second = provider.requests
    assert first["store"] is False
    assert [tool["name"] for tool in first["tools"]] == ["weather"]
    kinds = [item.get("type", item.get("role")) for item in second["input"]]
    assert kinds == ["system", "user", "reasoning", "assistant", "function_call", "function_call_output"]


def test_thoughts_are_streamed_to_those_who_ask_and_the_sdk_goes_on(serve: Serve) -> None:
    service, _ = serve(Turn("Paris.", thoughts=["Hm. ", "France?"]), provider_wire="responses")
    with sdk(service) as client:
        assistant = client.beta.assistants.create(model="scripted")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Capital of France?"}])
        for asked in ({REASONING_HEADER: "1"}, {}):
            events = client.beta.threads.runs.create(
                thread.id, assistant_id=assistant.id, stream=True, extra_headers=asked
            )
            told = [(event.event, event.data.to_dict()) for event in events]  # type: ignore[union-attr]
            thoughts = "".join(str(data["text"]) for name, data in told if name == REASONING_DELTA)
            assert thoughts == ("Hm. France?" if asked else "")
            for name, data in told:
                if name != REASONING_DELTA:
                    check_event(name, data)
            assert told[-1][0] == "thread.run.completed"
        answer = client.beta.threads.messages.list(thread.id).data[0]
        assert "Hm." not in json.dumps(answer.to_dict())
        with client.beta.threads.runs.stream(
            thread_id=thread.id, assistant_id=assistant.id, extra_headers={REASONING_HEADER: "1"}
        ) as stream:
            stream.until_done()
            assert stream.get_final_messages()[0].content[0].text.value == "Paris."  # type: ignore[union-attr]


def test_a_provider_that_refuses_for_the_moment_is_waited_for(serve: Serve) -> None:
    service, provider = serve(
        Turn(status=429, error="slow down", headers={"Retry-After": "1"}), Turn("Fine."), provider_wire="responses"
    )
    with sdk(service) as client:
        assistant = client.beta.assistants.create(model="scripted")
        run = client.beta.threads.create_and_run(
            assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hello?"}]}
        )
        doing = set()
        while run.status in ("queued", "in_progress"):
            run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
            doing.add(run.to_dict()["deskside"]["status_text"])  # type: ignore[index]
        assert run.status == "completed", run.last_error
        assert "Waiting for the provider..." in doing
        assert len(provider.requests) == 2
