"""What a run sends to its model: read from the requests that the provider received, and echoed on the run."""

from typing import Any

import pytest

from tests.service.conftest import Stage, ask
from tests.support.scripted_provider import Turn

SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "strict": True,
        "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False},
    },
}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tell it.", "strict": True}}


@pytest.fixture(autouse=True)
def fine(stage: Stage) -> None:
    """The model answers "Fine." unless a test says otherwise."""
    stage.provider.play(Turn("Fine."))


def _contents(request: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(message["role"], message["content"]) for message in request["messages"]]


def test_the_thread_and_the_instructions_are_the_model_s_messages(stage: Stage) -> None:
    run = ask(stage.client, "One.", "Two.", "Three.", assistant={"instructions": "Be brief."})
    assert run["status"] == "completed"
    (request,) = stage.provider.requests
    assert _contents(request) == [("system", "Be brief."), ("user", "One."), ("assistant", "Two."), ("user", "Three.")]
    assert "tools" not in request
    assert "tool_choice" not in request
    assert "response_format" not in request
    assert "reasoning_effort" not in request


@pytest.mark.parametrize(
    "params",
    [
        {"temperature": 0.2, "top_p": 0.5},
        {"reasoning_effort": "low"},
        {"response_format": {"type": "text"}},
        {"response_format": {"type": "json_object"}},
        {"response_format": SCHEMA},
        {"max_completion_tokens": 256},
    ],
)
def test_what_a_run_or_its_assistant_sets_is_sent_and_shown(stage: Stage, params: dict[str, Any]) -> None:
    runs = [ask(stage.client, "Hello?", **params)]
    if "max_completion_tokens" not in params:
        runs.append(ask(stage.client, "Hello?", assistant=params))
    assert len(stage.provider.requests) == len(runs)
    for run, request in zip(runs, stage.provider.requests, strict=True):
        assert run["status"] == "completed"
        for name, value in params.items():
            assert request[name] == value
            assert run[name] == value


def test_a_run_s_own_settings_win_over_its_assistant_s(stage: Stage) -> None:
    run = ask(
        stage.client,
        "Hello?",
        assistant={"temperature": 1.5, "reasoning_effort": "high", "response_format": SCHEMA, "tools": [WEATHER]},
        temperature=0,
        reasoning_effort="low",
        response_format={"type": "text"},
        tools=[],
        model="other",
    )
    (request,) = stage.provider.requests
    assert (request["model"], request["temperature"], request["reasoning_effort"]) == ("other", 0, "low")
    assert request["response_format"] == {"type": "text"}
    assert "tools" not in request
    assert (run["model"], run["temperature"], run["tools"]) == ("other", 0, [])


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, "auto"),
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "function", "function": {"name": "weather"}}),
        ({"type": "code_interpreter"}, "auto"),
    ],
)
def test_functions_and_the_choice_among_them_are_sent(stage: Stage, choice: Any, sent: Any) -> None:
    run = ask(stage.client, "Hello?", assistant={"tools": [WEATHER]}, tool_choice=choice, parallel_tool_calls=False)
    (request,) = stage.provider.requests
    (tool,) = request["tools"]
    assert tool["function"] == WEATHER["function"] | {"parameters": {"type": "object", "properties": {}}}  # type: ignore[operator]
    assert request["tool_choice"] == sent
    assert run["tool_choice"] == (choice or "auto")
    assert request["parallel_tool_calls"] is False
    assert run["parallel_tool_calls"] is False


def test_the_newest_messages_are_sent_when_the_run_says_how_many(stage: Stage) -> None:
    strategy = {"type": "last_messages", "last_messages": 2}
    run = ask(
        stage.client, "One.", "Two.", "Three.", assistant={"instructions": "Be brief."}, truncation_strategy=strategy
    )
    assert _contents(stage.provider.requests[0]) == [
        ("system", "Be brief."),
        ("assistant", "Two."),
        ("user", "Three."),
    ]
    assert run["truncation_strategy"] == strategy


def test_under_a_limit_the_oldest_messages_are_left_out_and_the_newest_stays(stage: Stage) -> None:
    texts = [f"{number} " * 200 for number in range(6)]
    run = ask(stage.client, *texts, "Newest?", assistant={"instructions": "Be brief."}, max_prompt_tokens=400)
    assert run["status"] == "completed"
    sent = [content for _, content in _contents(stage.provider.requests[0])]
    assert sent[0] == "Be brief."
    assert sent[-1] == "Newest?"
    assert sent[1:-1] == texts[-len(sent) + 2 :]
    assert 1 <= len(sent) - 2 < len(texts)


def test_a_question_over_the_limit_ends_the_run_as_incomplete(stage: Stage) -> None:
    run = ask(stage.client, "word " * 2000, max_prompt_tokens=300)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    assert stage.provider.requests == []


def test_a_thread_too_long_for_the_model_is_shortened_until_it_fits(stage: Stage) -> None:
    too_long = Turn(status=400, error="This model's maximum context length is 99 tokens.")
    stage.provider.play(too_long, too_long, Turn("Fine."))
    texts = [f"{number} " * 100 for number in range(8)]
    assert ask(stage.client, *texts, "Newest?")["status"] == "completed"
    sizes = [len(request["messages"]) for request in stage.provider.requests]
    assert sizes == sorted(sizes, reverse=True)
    assert (len(sizes), len(set(sizes))) == (3, 3)
    assert _contents(stage.provider.requests[-1])[-1] == ("user", "Newest?")
    stage.provider.play(too_long)
    run = ask(
        stage.client, "One.", "Two.", "Three.", truncation_strategy={"type": "last_messages", "last_messages": 3}
    )
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "longer than 'scripted' can read" in run["last_error"]["message"]
    assert len(stage.provider.requests) == 1
