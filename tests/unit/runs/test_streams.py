"""What a run's stream says, in which order, and what the database says at the end."""

from desktop_app.store.tables import messages, run_steps, runs
from tests.support.scripted_provider import Turn
from tests.unit.runs.conftest import House, Start, names, run_events, text_of

_STARTED = ["run.created", "run.queued", "run.in_progress"]
_ANSWER = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"]
_ENDED = ["message.completed", "run.step.completed", "run.completed", "done"]
PLAIN = [*_STARTED, *_ANSWER, *_ENDED]


async def test_a_plain_message_is_answered_in_the_protocols_order(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris is the capital of France."))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    events = await run_events(house.engine(provider.base_url))
    assert names(events) == PLAIN
    assert text_of(events) == "Paris is the capital of France."
    (run,) = house.rows(runs)
    assert run["status"] == "completed"
    assert run["usage"] == {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    assert run["answered_by"] == "scripted"
    assert run["expires_at"] is None
    answer = house.rows(messages)[-1]
    assert answer["content"] == [
        {"type": "text", "text": {"value": "Paris is the capital of France.", "annotations": []}}
    ]
    assert (answer["status"], answer["run_id"], answer["role"]) == ("completed", run["id"], "assistant")
    (step,) = house.rows(run_steps)
    assert step["step_details"] == {"type": "message_creation", "message_creation": {"message_id": answer["id"]}}
    assert step["usage"] == run["usage"]
    assert provider.requests[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the capital of France?"},
    ]
