"""A function that models call in tests, and what its client does then."""

from typing import Any

from openai.types.beta.threads import Run

from tests.service.conftest import Stage
from tests.support.scripted_provider import Turn

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
QUESTION = {"role": "user", "content": "How is the weather?"}
BEGUN = ["run.created", "run.queued", "run.in_progress"]
CALLED = ["run.step.created", "run.step.in_progress", "run.step.delta"]
WAITING = [*BEGUN, *CALLED, "run.requires_action"]
CONTINUED = ["run.step.completed", "run.queued", "run.in_progress"]
WRITING = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"]
WRITTEN = [*WRITING, "message.completed", "run.step.completed"]


def weather(*cities: str, text: str = "", **fields: Any) -> Turn:
    """A turn of the model that asks for the weather of these cities."""
    calls = [{"name": "weather", "arguments": {"city": city}, "id": f"call_{city}"} for city in cities]
    return Turn(text, calls=calls, **fields)


def begin(stage: Stage, *turns: Turn, tools: list[Any] | None = None, **params: Any) -> Run:
    """A run with these turns of the model, up to where it stops by itself."""
    stage.provider.play(*turns)
    assistant = stage.client.beta.assistants.create(model="scripted", tools=[WEATHER] if tools is None else tools)
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    return stage.client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, **params)


def asked(run: Run) -> list[Any]:
    """The calls that a run waits for."""
    assert run.status == "requires_action", run.last_error
    assert run.required_action is not None
    return run.required_action.submit_tool_outputs.tool_calls


def outputs(run: Run, text: str = "rain") -> dict[str, Any]:
    return {"tool_outputs": [{"tool_call_id": call.id, "output": text} for call in asked(run)]}


def path(run: Run, action: str = "") -> str:
    return f"/threads/{run.thread_id}/runs/{run.id}{action and '/' + action}"


def submit(stage: Stage, run: Run, text: str = "rain") -> Run:
    """Answer all calls of the run; it, when it stops again."""
    stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run, text))
    return stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)


def answer(stage: Stage, run: Run) -> str:
    """The newest message of the run's thread."""
    part = stage.client.beta.threads.messages.list(run.thread_id, limit=1).data[0].content[0]
    assert part.type == "text"
    return part.text.value
