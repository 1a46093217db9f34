"""Functions: a run waits for the outputs of its calls, and goes on with them."""

import json
from typing import Any

import openai
from openai.types.beta.threads import Run

from tests.service.conftest import Serve, sdk
from tests.support.scripted_provider import Turn

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
BERGEN, OSLO = ({"name": "weather", "arguments": {"city": city}, "id": f"call_{city}"} for city in ("Bergen", "Oslo"))
RAIN = Turn("It rains in Bergen.")


def begin(client: openai.OpenAI, **params: Any) -> Run:
    """A run about the weather, up to where it stops by itself."""
    assistant = client.beta.assistants.create(model="scripted", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "How is the weather?"}])
    return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, **params)


def asked(run: Run) -> list[Any]:
    assert run.status == "requires_action", run.last_error
    assert run.required_action is not None
    return run.required_action.submit_tool_outputs.tool_calls


def test_a_run_goes_on_with_the_output_of_its_function(serve: Serve) -> None:
    service, provider = serve(Turn(calls=[BERGEN]), RAIN)
    with sdk(service) as client:
        run = begin(client)
        (call,) = asked(run)
        assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Bergen"})
        queued = client.beta.threads.runs.submit_tool_outputs(
            run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": call.id, "output": "rain"}]
        )
        assert (queued.status, queued.required_action, queued.expires_at) == ("queued", None, run.expires_at)
        ended = client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
        assert ended.status == "completed"
        assert client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value == "It rains in Bergen."
    assert provider.requests[1]["messages"] == [
        {"role": "user", "content": "How is the weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_Bergen",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city": "Bergen"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_Bergen", "content": "rain"},
    ]
