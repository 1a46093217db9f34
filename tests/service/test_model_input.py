"""What a run sends to its model: read from the requests that the provider received, and echoed on the run."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import sdk
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
AT = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png", "detail": "high"}}
LEFT_OUT = "[an image was here]"
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "strict": True,
        "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False},
    },
}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tell it.", "strict": True}}

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def _running(
    tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles
) -> Iterator[tuple[ServiceProcess, ScriptedProvider]]:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        service = ServiceProcess(
            tmp_path_factory.mktemp("input") / "data", {"DESKSIDE_PROVIDER_URL": provider.base_url}
        )
        service.start()
        yield service, provider
        service.stop()
        assert "Traceback" not in service.log(), service.log()


@pytest.fixture
def provider(_running: tuple[ServiceProcess, ScriptedProvider]) -> ScriptedProvider:
    """The provider, which has heard nothing yet and answers "Fine."."""
    provider = _running[1]
    provider.play(Turn("Fine."))
    return provider


@pytest.fixture
def client(_running: tuple[ServiceProcess, ScriptedProvider]) -> Iterator[openai.OpenAI]:
    with sdk(_running[0]) as official:
        yield official


@pytest.fixture
def ask(client: openai.OpenAI) -> Ask:
    """`ask(content, ..., assistant={...}, **run)`: the ended run on a thread of these messages, user's and assistant's
    in turn."""

    def run(*contents: Any, assistant: dict[str, Any] | None = None, **params: Any) -> Any:
        made = client.beta.assistants.create(**{"model": "scripted"} | (assistant or {}))
        messages: Any = [
            {"role": "assistant" if number % 2 else "user", "content": content}
            for number, content in enumerate(contents)
        ]
        thread = client.beta.threads.create(messages=messages)
        return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made.id, **params).to_dict()

    return run


def _contents(request: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(message["role"], message["content"]) for message in request["messages"]]


def _sent(url: str, detail: str = "auto") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}


def _words(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _file(client: openai.OpenAI, purpose: Any = "vision", data: bytes = PNG) -> dict[str, Any]:
    """A part with an uploaded image, whose name says nothing."""
    file = client.files.create(file=("upload.bin", data), purpose=purpose)
    return {"type": "image_file", "image_file": {"file_id": file.id, "detail": "low"}}


def test_the_thread_and_the_instructions_are_the_model_s_messages(provider: ScriptedProvider, ask: Ask) -> None:
    run = ask("One.", "Two.", "Three.", assistant={"instructions": "Be brief."})
    assert run["status"] == "completed"
    (request,) = provider.requests
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
def test_what_a_run_or_its_assistant_sets_is_sent_and_shown(
    provider: ScriptedProvider, ask: Ask, params: dict[str, Any]
) -> None:
    runs = [ask("Hello?", **params)]
    if "max_completion_tokens" not in params:
        runs.append(ask("Hello?", assistant=params))
    assert len(provider.requests) == len(runs)
    for run, request in zip(runs, provider.requests, strict=True):
        assert run["status"] == "completed"
        for name, value in params.items():
            assert request[name] == value
            assert run[name] == value


def test_a_run_s_own_settings_win_over_its_assistant_s(provider: ScriptedProvider, ask: Ask) -> None:
    run = ask(
        "Hello?",
        assistant={"temperature": 1.5, "reasoning_effort": "high", "response_format": SCHEMA, "tools": [WEATHER]},
        temperature=0,
        reasoning_effort="low",
        response_format={"type": "text"},
        tools=[],
        model="other",
    )
    (request,) = provider.requests
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
def test_functions_and_the_choice_among_them_are_sent(
    provider: ScriptedProvider, ask: Ask, choice: Any, sent: Any
) -> None:
    run = ask("Hello?", assistant={"tools": [WEATHER]}, tool_choice=choice, parallel_tool_calls=False)
    (request,) = provider.requests
    (tool,) = request["tools"]
    assert tool["function"] == WEATHER["function"] | {"parameters": {"type": "object", "properties": {}}}  # type: ignore[operator]
    assert request["tool_choice"] == sent
    assert run["tool_choice"] == (choice or "auto")
    assert request["parallel_tool_calls"] is False
    assert run["parallel_tool_calls"] is False


def test_images_reach_the_model_in_their_places(provider: ScriptedProvider, client: openai.OpenAI, ask: Ask) -> None:
    content = [_words("Compare"), AT, _words("with"), _file(client), _file(client, "assistants")]
    run = ask("Hello.", "Hi.", content)
    assert run["status"] == "completed", run["last_error"]
    (request,) = provider.requests
    assert _contents(request)[:2] == [("user", "Hello."), ("assistant", "Hi.")]
    assert request["messages"][2]["content"] == [
        _words("Compare"),
        _sent("https://example.org/cat.png", "high"),
        _words("with"),
        _sent(PNG_URL, "low"),
        _sent(PNG_URL, "low"),
    ]


def test_a_message_may_be_an_image_alone_and_an_image_its_own_address(provider: ScriptedProvider, ask: Ask) -> None:
    assert ask([_sent(PNG_URL)])["status"] == "completed"
    assert provider.requests[0]["messages"] == [{"role": "user", "content": [_sent(PNG_URL)]}]


def test_an_image_of_an_assistant_s_message_follows_as_a_user_s(provider: ScriptedProvider, ask: Ask) -> None:
    assert ask("Draw.", [_words("There."), AT], "What is it?")["status"] == "completed"
    (request,) = provider.requests
    roles = [role for role, _ in _contents(request)]
    assert roles == ["user", "assistant", "user", "user"]
    assert request["messages"][1]["content"] == "There."
    assert request["messages"][2]["content"][-1] == AT


@pytest.mark.parametrize(
    "refusal",
    [
        Turn(status=400, error="Invalid content type. image_url is only supported by certain models."),
        Turn(status=404, error="No endpoints found that support image input"),
        Turn(status=422, error="gpt-x is not a multimodal model"),
        Turn(status=500, error="image input is not supported - hint: you may need to provide the mmproj"),
    ],
)
def test_a_model_that_can_t_see_fails_the_run_and_goes_on_without_older_images(
    provider: ScriptedProvider, ask: Ask, refusal: Turn
) -> None:
    provider.play(refusal)
    run = ask([_words("What is it?"), AT])
    assert run["status"] == "failed"
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "refused an image for 'scripted'" in run["last_error"]["message"]
    assert "Choose a model that can see" in run["last_error"]["message"]
    retries = 1 if refusal.status == 500 else 0
    provider.play(*[refusal] * (1 + retries), Turn("Fine."))
    assert ask([_words("Look"), AT], "I see.", "And now?")["status"] == "completed"
    assert _contents(provider.requests[-1])[0] == ("user", f"Look\n\n{LEFT_OUT}")


def test_the_reader_can_t_see_and_says_so(provider: ScriptedProvider, client: openai.OpenAI, ask: Ask) -> None:
    run = ask([_words("What is it?"), AT], assistant={"model": "deskside-reader"})
    assert run["status"] == "failed"
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "reads text only" in run["last_error"]["message"]
    assert (
        ask([_words("Look"), AT], "I see.", "Hello!", assistant={"model": "deskside-reader"})["status"] == "completed"
    )
    assert provider.requests == []


def test_an_image_alone_is_asked_about_where_the_engine_searches_first(
    provider: ScriptedProvider, client: openai.OpenAI, ask: Ask
) -> None:
    store = client.vector_stores.create()
    client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("cats.txt", b"Cats purr."))
    searching = {
        "model": "toolless",
        "tools": [{"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
    }
    provider.play(Turn(status=400, error="toolless does not support tools"), Turn("A cat."))
    assert ask([AT], assistant=searching)["status"] == "completed"
    before, image = provider.requests[1]["messages"][-1]["content"]
    assert before["type"] == "text"
    assert image == AT
    assert "reads text only" in ask([AT], assistant=searching | {"model": "deskside-reader"})["last_error"]["message"]


def test_a_deleted_image_fails_the_run_that_asks_about_it(
    provider: ScriptedProvider, client: openai.OpenAI, ask: Ask
) -> None:
    part = _file(client)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": [part]}])  # type: ignore[list-item]
    client.files.delete(part["image_file"]["file_id"])
    assistant = client.beta.assistants.create(model="scripted")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "failed"
    assert run.last_error is not None
    assert "has been deleted" in run.last_error.message
    assert provider.requests == []
    client.beta.threads.messages.create(thread.id, role="assistant", content="It is gone.")
    client.beta.threads.messages.create(thread.id, role="user", content="Never mind.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed"
    assert _contents(provider.requests[0])[0] == ("user", LEFT_OUT)


def test_a_file_that_is_no_image_fails_the_run_by_its_name(
    provider: ScriptedProvider, client: openai.OpenAI, ask: Ask
) -> None:
    run = ask([_words("What is it?"), _file(client, data=b"just text")])
    assert run["status"] == "failed"
    assert "upload.bin is no image" in run["last_error"]["message"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/b.png", "cat.png", "", "data:text/html,x", "https:///"]
)
def test_an_image_elsewhere_is_refused_when_it_is_sent(client: openai.OpenAI, url: str) -> None:
    thread = client.beta.threads.create()
    content: Any = [_words("Look"), _sent(url)]
    with pytest.raises(openai.BadRequestError) as refusal:
        client.beta.threads.messages.create(thread.id, role="user", content=content)
    assert refusal.value.param == "content[1].image_url.url"
    assert refusal.value.code == "invalid_value"


def test_the_newest_messages_are_sent_when_the_run_says_how_many(provider: ScriptedProvider, ask: Ask) -> None:
    strategy = {"type": "last_messages", "last_messages": 2}
    run = ask("One.", "Two.", "Three.", assistant={"instructions": "Be brief."}, truncation_strategy=strategy)
    assert _contents(provider.requests[0]) == [("system", "Be brief."), ("assistant", "Two."), ("user", "Three.")]
    assert run["truncation_strategy"] == strategy


def test_under_a_limit_the_oldest_messages_are_left_out_and_the_newest_stays(
    provider: ScriptedProvider, ask: Ask
) -> None:
    texts = [f"{number} " * 200 for number in range(6)]
    run = ask(*texts, "Newest?", assistant={"instructions": "Be brief."}, max_prompt_tokens=400)
    assert run["status"] == "completed"
    sent = [content for _, content in _contents(provider.requests[0])]
    assert sent[0] == "Be brief."
    assert sent[-1] == "Newest?"
    assert sent[1:-1] == texts[-len(sent) + 2 :]
    assert 1 <= len(sent) - 2 < len(texts)


def test_a_question_over_the_limit_ends_the_run_as_incomplete(provider: ScriptedProvider, ask: Ask) -> None:
    run = ask("word " * 2000, max_prompt_tokens=300)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    assert provider.requests == []


def test_a_thread_too_long_for_the_model_is_shortened_until_it_fits(provider: ScriptedProvider, ask: Ask) -> None:
    too_long = Turn(status=400, error="This model's maximum context length is 99 tokens.")
    provider.play(too_long, too_long, Turn("Fine."))
    texts = [f"{number} " * 100 for number in range(8)]
    assert ask(*texts, "Newest?")["status"] == "completed"
    sizes = [len(request["messages"]) for request in provider.requests]
    assert sizes == sorted(sizes, reverse=True)
    assert (len(sizes), len(set(sizes))) == (3, 3)
    assert _contents(provider.requests[-1])[-1] == ("user", "Newest?")
    provider.play(too_long)
    run = ask("One.", "Two.", "Three.", truncation_strategy={"type": "last_messages", "last_messages": 3})
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "longer than 'scripted' can read" in run["last_error"]["message"]
    assert len(provider.requests) == 1
