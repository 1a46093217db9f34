"""Functions: a run waits for the outputs of its calls, and goes on with them."""

import json
import threading
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai.types.beta.threads import Run

from tests.service.conftest import Stage
from tests.service.functions import (
    CONTINUED,
    QUESTION,
    WAITING,
    WEATHER,
    WRITTEN,
    answer,
    asked,
    begin,
    outputs,
    path,
    submit,
    weather,
)
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names, read_stream


def test_a_run_goes_on_with_the_output_of_its_function(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), Turn("It rains in Bergen."))
    (call,) = asked(run)
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Bergen"})
    assert (run.usage, run.completed_at) == (None, None)
    queued = stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **outputs(run))
    assert (queued.status, queued.required_action, queued.expires_at) == ("queued", None, run.expires_at)
    ended = stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    assert (ended.status, ended.expires_at, answer(stage, run)) == ("completed", None, "It rains in Bergen.")
    function = {"name": "weather", "arguments": '{"city": "Bergen"}'}
    assert stage.provider.requests[1]["messages"] == [
        QUESTION,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_Bergen", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_Bergen", "content": "rain"},
    ]


def test_both_streams_of_a_function_run_have_the_protocols_order(stage: Stage) -> None:
    stage.provider.play(weather("Bergen"), Turn("It rains."))
    assistant = stage.client.beta.assistants.create(model="scripted", tools=[WEATHER])  # type: ignore[list-item]
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    first = read_stream(stage.http, f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})
    assert names(first) == WAITING
    run = Run.model_validate(first[-1].data)
    second = read_stream(stage.http, path(run, "submit_tool_outputs"), outputs(run))
    assert names(second) == [*CONTINUED, *WRITTEN, "run.completed"]
    (opened,) = find(first, "run.step.created")
    closed = find(second, "run.step.completed")[0]
    assert closed["id"] == opened["id"]
    assert (opened["usage"], closed["usage"]["total_tokens"]) == (None, 120)
    (call,) = closed["step_details"]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": '{"city": "Bergen"}', "output": "rain"}


def test_the_first_delta_of_each_call_is_empty_and_nothing_in_it_comes_again(stage: Stage) -> None:
    stage.provider.play(weather("Bergen", "Oslo", rate=10))
    assistant = stage.client.beta.assistants.create(model="scripted", tools=[WEATHER])  # type: ignore[list-item]
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    events = read_stream(stage.http, f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})
    deltas = [delta["delta"]["step_details"] for delta in find(events, "run.step.delta")]
    assert {details["type"] for details in deltas} == {"tool_calls"}
    calls = [call for details in deltas for call in details["tool_calls"]]
    for index, city in enumerate(("Bergen", "Oslo")):
        begun, *grown = [call for call in calls if call["index"] == index]
        assert begun == {
            "index": index,
            "id": f"call_{city}",
            "type": "function",
            "function": {"name": "weather", "arguments": "", "output": None},
        }
        assert len(grown) > 1
        assert all(set(call) == {"index", "type", "function"} for call in grown)
        assert all(set(call["function"]) == {"arguments"} for call in grown)
        assert json.loads("".join(call["function"]["arguments"] for call in grown)) == {"city": city}
    run = Run.model_validate(events[-1].data)
    stage.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)


def test_the_sdk_puts_the_streamed_calls_together(stage: Stage) -> None:
    stage.provider.play(weather("Bergen", "Oslo"), Turn("Rain and sun."))
    assistant = stage.client.beta.assistants.create(model="scripted", tools=[WEATHER])  # type: ignore[list-item]
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    runs = stage.client.beta.threads.runs
    with runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        (step,) = stream.get_final_run_steps()
    assert step.step_details.type == "tool_calls"
    arguments = [call.function.arguments for call in step.step_details.tool_calls if call.type == "function"]
    assert arguments == ['{"city": "Bergen"}', '{"city": "Oslo"}']
    run = stream.current_run
    assert run is not None
    with runs.submit_tool_outputs_stream(run_id=run.id, thread_id=thread.id, **outputs(run)) as stream:
        (message,) = stream.get_final_messages()
    assert message.content[0].type == "text"
    assert message.content[0].text.value == "Rain and sun."


@pytest.mark.parametrize(
    "output", ["", "not { json", "ü😀\n\u0000 ", "x" * 300_000], ids=["empty", "text", "odd", "long"]
)
def test_an_output_is_any_text(stage: Stage, output: str) -> None:
    run = begin(stage, weather("Bergen"), Turn("Fine."))
    assert submit(stage, run, output).status == "completed"
    assert stage.provider.requests[1]["messages"][-1]["content"] == output
    step = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data[0]
    assert step.step_details.type == "tool_calls"
    (call,) = step.step_details.tool_calls
    assert call.type == "function"
    assert call.function.output == output


@pytest.mark.parametrize("given", [{}, {"output": None}])
def test_an_output_that_is_not_given_is_empty(stage: Stage, given: dict[str, Any]) -> None:
    run = begin(stage, weather("Bergen"), Turn("Fine."))
    body = {"tool_outputs": [{"tool_call_id": "call_Bergen", **given}]}
    assert stage.http.post(path(run, "submit_tool_outputs"), json=body).status_code == 200
    assert stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"
    assert stage.provider.requests[1]["messages"][-1]["content"] == ""


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "received",
    [
        [],
        ["call_Bergen"],
        ["call_Bergen", "call_Rome"],
        ["call_Bergen", "call_Bergen"],
        ["call_Bergen", "call_Oslo", "call_Oslo"],
        ["call_Bergen", "call_Oslo", "call_Rome"],
        ["call_Bergen", ""],
    ],
    ids=",".join,
)
def test_other_outputs_than_those_asked_for_are_refused_and_the_run_still_waits(
    stage: Stage, received: list[str], stream: bool
) -> None:
    run = begin(stage, weather("Bergen", "Oslo"), Turn("Fine."))
    body = {"tool_outputs": [{"tool_call_id": each, "output": "x"} for each in received], "stream": stream}
    refusal = stage.http.post(path(run, "submit_tool_outputs"), json=body)
    assert refusal.status_code == 400
    message = refusal.json()["error"]["message"]
    assert message == f"Expected tool outputs for call_ids ['call_Bergen', 'call_Oslo'], got {received}."
    assert asked(stage.client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)) == asked(run)
    assert submit(stage, run).status == "completed"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "tool_outputs"),
        ({"tool_outputs": None}, "tool_outputs"),
        ({"tool_outputs": "rain"}, "tool_outputs"),
        ({"tool_outputs": ["rain"]}, "tool_outputs[0]"),
        ({"tool_outputs": [{"tool_call_id": 1}]}, "tool_outputs[0].tool_call_id"),
        ({"tool_outputs": [{"tool_call_id": "call_Bergen", "output": {"a": 1}}]}, "tool_outputs[0].output"),
        ({"tool_outputs": [{"tool_call_id": "call_Bergen", "out": "x"}]}, "tool_outputs[0].out"),
        ({"tool_outputs": [], "stream": "yes"}, "stream"),
    ],
)
def test_a_malformed_submit_is_refused_with_its_place(stage: Stage, body: dict[str, Any], param: str) -> None:
    run = begin(stage, weather("Bergen"))
    refusal = stage.http.post(path(run, "submit_tool_outputs"), json=body)
    assert (refusal.status_code, refusal.json()["error"]["param"]) == (400, param)
    assert stage.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id).status == "cancelled"


def test_a_run_that_does_not_wait_takes_no_outputs(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), Turn("Slow answer.", hang_after=1))
    submitted = outputs(run)
    stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **submitted)
    for status in ("queued|in_progress", "cancelling|cancelled"):
        with pytest.raises(openai.BadRequestError, match=f'Runs in status "({status})" do not accept tool outputs'):
            stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, **submitted)
        if status == "queued|in_progress":
            stage.client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    assert stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "cancelled"
    other = stage.client.beta.threads.create()
    with pytest.raises(openai.NotFoundError, match="No run found"):
        stage.client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=other.id, **submitted)


def test_of_racing_submits_one_wins_and_nobody_sees_the_old_calls_again(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), Turn("Fine."))
    outcomes: list[str] = []

    def race(number: int) -> None:
        answered = stage.http.post(path(run, "submit_tool_outputs"), json=outputs(run, f"from {number}"))
        if answered.status_code == 200:
            seen = stage.http.get(path(run)).json()
            outcomes.append(f"from {number}" if seen["required_action"] is None else "asked again")
        else:
            outcomes.append(answered.json()["error"]["message"])

    racers = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"
    (won,) = [outcome for outcome in outcomes if outcome.startswith("from")]
    assert all(outcome == won or "do not accept tool outputs" in outcome for outcome in outcomes)
    assert len(stage.provider.requests) == 2
    assert stage.provider.requests[1]["messages"][-1]["content"] == won


def test_several_rounds_of_parallel_calls_each_have_a_step_and_ids_of_their_own(stage: Stage) -> None:
    rounds = [weather("Bergen", "Oslo"), weather("Bergen"), weather("Bergen", "Rome")]
    run = begin(stage, *rounds, Turn("All dry."))
    ids: list[str] = []
    for count in (2, 1, 2):
        calls = asked(run)
        assert len(calls) == count
        ids.extend(call.id for call in calls)
        run = submit(stage, run, f"round {len(ids)}")
    assert (run.status, answer(stage, run)) == ("completed", "All dry.")
    assert len(set(ids)) == 5
    steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    kept = [step.step_details.tool_calls for step in steps if step.step_details.type == "tool_calls"]
    assert [call.id for calls in kept for call in calls] == ids
    assert [step.type for step in steps] == ["tool_calls"] * 3 + ["message_creation"]
    told = stage.provider.requests[3]["messages"]
    assert "".join(message["role"][0] for message in told) == "uattatatt"
    told = [message for message in told if message["role"] == "tool"]
    assert [message["tool_call_id"] for message in told] == ids
    assert [message["content"] for message in told] == [f"round {number}" for number in (2, 2, 3, 5, 5)]


def test_what_the_model_says_before_it_calls_is_a_message_and_is_told_to_it_again(stage: Stage) -> None:
    run = begin(stage, weather("Bergen", text="I will look it up."), Turn("Rain."))
    assert answer(stage, run) == "I will look it up."
    assert submit(stage, run).status == "completed"
    _, said, output = stage.provider.requests[1]["messages"]
    assert (said["content"], said["tool_calls"][0]["id"]) == ("I will look it up.", "call_Bergen")
    assert output["content"] == "rain"
    steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [step.type for step in steps] == ["message_creation", "tool_calls", "message_creation"]


def test_what_the_model_says_behind_its_calls_belongs_to_their_turn(stage: Stage) -> None:
    run = begin(stage, weather("Bergen", text="One moment.", calls_first=True), weather("Oslo"), Turn("Rain."))
    steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [(step.type, step.status) for step in steps] == [
        ("tool_calls", "in_progress"),
        ("message_creation", "completed"),
    ]
    assert submit(stage, submit(stage, run)).status == "completed"
    _, said, output = stage.provider.requests[1]["messages"]
    assert (said["content"], said["tool_calls"][0]["id"], output["role"]) == ("One moment.", "call_Bergen", "tool")


def test_a_search_and_a_function_of_one_turn_share_a_step_and_both_reach_the_model(
    stage: Stage, searching: Callable[[], dict[str, Any]]
) -> None:
    both = Turn(
        calls=[
            {"name": "file_search", "arguments": {"query": "battery"}, "id": "call_search"},
            {"name": "weather", "arguments": {"city": "Bergen"}, "id": "call_Bergen"},
        ]
    )
    stage.provider.play(both, Turn("Four hours [1], in the rain."))
    assistant = stage.client.beta.assistants.create(**searching())
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    first = read_stream(stage.http, f"/threads/{thread.id}/runs", {"assistant_id": assistant.id})
    assert names(first) == WAITING
    run = Run.model_validate(first[-1].data)
    assert [call.id for call in asked(run)] == ["call_Bergen"]
    second = read_stream(stage.http, path(run, "submit_tool_outputs"), outputs(run))
    assert names(second) == [*CONTINUED, *WRITTEN, "run.completed"]
    searched, called = find(second, "run.step.completed")[0]["step_details"]["tool_calls"]
    assert set(searched) == {"id", "type", "file_search"}
    assert [result["file_name"] for result in searched["file_search"]["results"]] == ["manual.txt"]
    assert called["function"]["output"] == "rain"
    _, said, found, output = stage.provider.requests[1]["messages"][-4:]
    assert [call["function"]["arguments"] for call in said["tool_calls"]] == [
        '{"query": "battery"}',
        '{"city": "Bergen"}',
    ]
    assert found["content"].startswith("[1] manual.txt\nThe battery charges in four hours")
    assert output["content"] == "rain"
    (message,) = find(second, "message.completed")
    (annotation,) = message["content"][0]["text"]["annotations"]
    assert annotation["file_citation"]["quote"].startswith("The battery charges in four hours")


def test_passages_keep_their_numbers_over_the_rounds_of_a_run(
    stage: Stage, searching: Callable[[], dict[str, Any]]
) -> None:
    search = Turn(calls=[{"name": "file_search", "arguments": {"query": "battery"}}])
    stage.provider.play(search, weather("Bergen"), search, Turn("Four hours [1]."))
    assistant = stage.client.beta.assistants.create(**searching())
    thread = stage.client.beta.threads.create(messages=[QUESTION])  # type: ignore[list-item]
    run = stage.client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert submit(stage, run).status == "completed"
    earlier, later = (stage.provider.requests[turn]["messages"] for turn in (1, 3))
    assert [message["role"] for message in later[-6:]] == ["assistant", "tool"] * 3
    assert later[-1]["content"] == earlier[-1]["content"]
    assert later[-1]["content"].startswith("[1] manual.txt")
    message = stage.client.beta.threads.messages.list(thread.id, limit=1).data[0]
    assert message.content[0].type == "text"
    assert len(message.content[0].text.annotations) == 1


def test_one_call_a_turn_is_taken_where_parallel_calls_are_not_wanted(stage: Stage) -> None:
    run = begin(stage, weather("Bergen", "Oslo"), Turn("Fine."), parallel_tool_calls=False)
    assert [call.id for call in asked(run)] == ["call_Bergen"]
    assert submit(stage, run).status == "completed"
    assert [request["parallel_tool_calls"] for request in stage.provider.requests] == [False, False]
    assert [message["role"] for message in stage.provider.requests[1]["messages"]] == ["user", "assistant", "tool"]


@pytest.mark.parametrize(
    "choice",
    ["auto", "none", "required", {"type": "function", "function": {"name": "weather"}}],
    ids=["auto", "none", "required", "function"],
)
def test_a_tool_is_forced_on_the_first_turn_of_a_run_and_not_after_the_outputs(stage: Stage, choice: Any) -> None:
    run = begin(stage, weather("Bergen"), weather("Oslo"), Turn("Fine."), tool_choice=choice)
    assert run.to_dict()["tool_choice"] == choice
    assert submit(stage, submit(stage, run)).status == "completed"
    later = "none" if choice == "none" else "auto"
    assert [request["tool_choice"] for request in stage.provider.requests] == [choice, later, later]


def test_a_forced_search_is_forced_once(stage: Stage, searching: Callable[[], dict[str, Any]]) -> None:
    stage.provider.play(Turn(calls=[{"name": "file_search", "arguments": {"query": "battery"}}]), Turn("Fine."))
    assistant = stage.client.beta.assistants.create(**searching())
    run = stage.client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id,
        thread={"messages": [QUESTION]},
        tool_choice={"type": "file_search"},  # type: ignore[typeddict-item, list-item]
    )
    assert run.status == "completed"
    forced = {"type": "function", "function": {"name": "file_search"}}
    assert [request["tool_choice"] for request in stage.provider.requests] == [forced, "auto"]


def test_the_usage_of_all_turns_is_summed_and_each_step_has_its_own(stage: Stage) -> None:
    turns = [
        weather("Bergen", text="Wait.", usage=(100, 10)),
        weather("Oslo", usage=(200, 20)),
        Turn("Dry.", usage=(300, 30)),
    ]
    run = begin(stage, *turns)
    steps = stage.client.beta.threads.runs.steps
    assert {step.status: step.usage for step in steps.list(run.id, thread_id=run.thread_id)}["in_progress"] is None
    run = submit(stage, run)
    assert run.usage is None
    run = submit(stage, run)
    assert run.usage is not None
    assert run.usage.to_dict() == {"prompt_tokens": 600, "completion_tokens": 60, "total_tokens": 660}
    used = [
        step.usage.total_tokens if step.usage else None
        for step in steps.list(run.id, thread_id=run.thread_id, order="asc")
    ]
    assert used == [0, 110, 220, 330]


def test_what_is_left_of_the_token_limits_is_counted_over_the_outputs(stage: Stage) -> None:
    run = begin(
        stage, weather("Bergen", usage=(50, 100)), Turn("Cut", finish_reason="length"), max_completion_tokens=300
    )
    run = submit(stage, run)
    assert [request["max_completion_tokens"] for request in stage.provider.requests] == [300, 200]
    assert run.status == "incomplete"
    assert run.incomplete_details is not None
    assert run.incomplete_details.reason == "max_completion_tokens"
    (message,) = stage.client.beta.threads.messages.list(run.thread_id, limit=1).data
    assert (message.status, answer(stage, run)) == ("incomplete", "Cut")
    assert message.incomplete_details is not None
    assert message.incomplete_details.reason == "max_tokens"


@pytest.mark.parametrize(("usage", "reason"), [((400, 10), "max_prompt_tokens"), ((10, 300), "max_completion_tokens")])
def test_a_limit_that_is_used_up_before_the_outputs_ends_the_run_after_them(
    stage: Stage, usage: tuple[int, int], reason: str
) -> None:
    limits = {"max_prompt_tokens": 400, "max_completion_tokens": 300}
    run = submit(stage, begin(stage, weather("Bergen", usage=usage), **limits))
    assert run.status == "incomplete"
    assert run.incomplete_details is not None
    assert run.incomplete_details.reason == reason
    assert run.usage is not None
    assert run.usage.total_tokens == sum(usage)
    assert len(stage.provider.requests) == 1
    (step,) = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert step.status == "completed"


def test_calls_that_the_limit_cuts_off_are_kept_as_far_as_they_were_told(stage: Stage) -> None:
    run = begin(stage, weather("Bergen", finish_reason="length"))
    assert run.status == "incomplete"
    (step,) = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert step.step_details.type == "tool_calls"
    (call,) = step.step_details.tool_calls
    assert call.type == "function"
    assert (call.function.arguments, call.function.output) == ('{"city": "Bergen"}', None)


def test_a_thread_and_its_run_come_in_one_stream_up_to_the_call(stage: Stage) -> None:
    stage.provider.play(weather("Bergen"), Turn("Fine."))
    assistant = stage.client.beta.assistants.create(model="scripted", instructions="Be brief.")
    body = {
        "assistant_id": assistant.id,
        "thread": {"messages": [QUESTION], "metadata": {"a": "b"}},
        "tools": [WEATHER],
        "instructions": "In verse.",
        "model": "other",
        "metadata": {"c": "d"},
    }
    events = read_stream(stage.http, "/threads/runs", body)
    assert names(events) == ["created", *WAITING]
    assert (events[0].data["object"], events[0].data["metadata"]) == ("thread", {"a": "b"})
    run = Run.model_validate(events[-1].data)
    assert (run.model, run.instructions, run.metadata) == ("other", "In verse.", {"c": "d"})
    assert submit(stage, run).status == "completed"
    assert [request["model"] for request in stage.provider.requests] == ["other", "other"]
    assert all(request["messages"][0]["content"] == "In verse." for request in stage.provider.requests)


def test_a_run_is_a_snapshot_of_its_assistant_even_of_a_deleted_one(stage: Stage) -> None:
    run = begin(stage, weather("Bergen"), weather("Oslo"), Turn("Fine."))
    assistants = stage.client.beta.assistants
    assistants.update(run.assistant_id, instructions="Changed.", model="changed", tools=[])
    run = submit(stage, run)
    assistants.delete(run.assistant_id)
    run = submit(stage, run)
    assert (run.status, run.model) == ("completed", "scripted")
    for request in stage.provider.requests:
        assert request["model"] == "scripted"
        assert request["messages"][0] == QUESTION
        assert [tool["function"]["name"] for tool in request["tools"]] == ["weather"]


@pytest.fixture
def searching(stage: Stage) -> Callable[[], dict[str, Any]]:
    """The parameters of an assistant that can search a manual and ask for the weather."""

    def make() -> dict[str, Any]:
        manual = b"The battery charges in four hours with the charger supplied.\n"
        file = stage.client.files.create(file=("manual.txt", manual), purpose="assistants")
        store = stage.client.vector_stores.create()
        stage.client.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id)
        return {
            "model": "scripted",
            "tools": [{"type": "file_search"}, WEATHER],
            "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
        }

    return make
