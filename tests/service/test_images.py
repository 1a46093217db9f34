"""Images in messages: they reach models that can see, in their places; all else is told."""

import base64
from typing import Any

import openai
import pytest

from tests.service.conftest import Stage, ask
from tests.support.scripted_provider import Turn

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
AT = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png", "detail": "high"}}
LEFT_OUT = "[an image was here]"


@pytest.fixture(autouse=True)
def fine(stage: Stage) -> None:
    """The model answers "Fine." unless a test says otherwise."""
    stage.provider.play(Turn("Fine."))


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


def test_images_reach_the_model_in_their_places(stage: Stage) -> None:
    content = [_words("Compare"), AT, _words("with"), _file(stage.client), _file(stage.client, "assistants")]
    run = ask(stage.client, "Hello.", "Hi.", content)
    assert run["status"] == "completed", run["last_error"]
    (request,) = stage.provider.requests
    assert _contents(request)[:2] == [("user", "Hello."), ("assistant", "Hi.")]
    assert request["messages"][2]["content"] == [
        _words("Compare"),
        _sent("https://example.org/cat.png", "high"),
        _words("with"),
        _sent(PNG_URL, "low"),
        _sent(PNG_URL, "low"),
    ]


def test_a_message_may_be_an_image_alone_and_an_image_its_own_address(stage: Stage) -> None:
    assert ask(stage.client, [_sent(PNG_URL)])["status"] == "completed"
    assert stage.provider.requests[0]["messages"] == [{"role": "user", "content": [_sent(PNG_URL)]}]


def test_an_image_of_an_assistant_s_message_follows_as_a_user_s(stage: Stage) -> None:
    assert ask(stage.client, "Draw.", [_words("There."), AT], "What is it?")["status"] == "completed"
    (request,) = stage.provider.requests
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
def test_a_model_that_can_t_see_fails_the_run_and_goes_on_without_older_images(stage: Stage, refusal: Turn) -> None:
    stage.provider.play(refusal)
    run = ask(stage.client, [_words("What is it?"), AT])
    assert run["status"] == "failed"
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "refused an image for 'scripted'" in run["last_error"]["message"]
    assert "Choose a model that can see" in run["last_error"]["message"]
    stage.provider.play(refusal, Turn("Fine."))
    assert ask(stage.client, [_words("Look"), AT], "I see.", "And now?")["status"] == "completed"
    assert _contents(stage.provider.requests[-1])[0] == ("user", f"Look\n\n{LEFT_OUT}")


def test_the_reader_can_t_see_and_says_so(stage: Stage) -> None:
    run = ask(stage.client, [_words("What is it?"), AT], assistant={"model": "deskside-reader"})
    assert run["status"] == "failed"
    assert run["last_error"]["code"] == "invalid_prompt"
    assert "reads text only" in run["last_error"]["message"]
    assert (
        ask(stage.client, [_words("Look"), AT], "I see.", "Hello!", assistant={"model": "deskside-reader"})["status"]
        == "completed"
    )
    assert stage.provider.requests == []


def test_an_image_alone_is_asked_about_where_the_engine_searches_first(stage: Stage) -> None:
    store = stage.client.vector_stores.create()
    stage.client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("cats.txt", b"Cats purr."))
    searching = {
        "model": "toolless",
        "tools": [{"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
    }
    stage.provider.play(Turn(status=400, error="toolless does not support tools"), Turn("A cat."))
    assert ask(stage.client, [AT], assistant=searching)["status"] == "completed"
    before, image = stage.provider.requests[1]["messages"][-1]["content"]
    assert before["type"] == "text"
    assert image == AT
    assert (
        "reads text only"
        in ask(stage.client, [AT], assistant=searching | {"model": "deskside-reader"})["last_error"]["message"]
    )


def test_a_deleted_image_fails_the_run_that_asks_about_it(stage: Stage) -> None:
    part = _file(stage.client)
    thread = stage.client.beta.threads.create(messages=[{"role": "user", "content": [part]}])  # type: ignore[list-item]
    stage.client.files.delete(part["image_file"]["file_id"])
    assistant = stage.client.beta.assistants.create(model="scripted")
    run = stage.client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "failed"
    assert run.last_error is not None
    assert "has been deleted" in run.last_error.message
    assert stage.provider.requests == []
    stage.client.beta.threads.messages.create(thread.id, role="assistant", content="It is gone.")
    stage.client.beta.threads.messages.create(thread.id, role="user", content="Never mind.")
    run = stage.client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed"
    assert _contents(stage.provider.requests[0])[0] == ("user", LEFT_OUT)


def test_a_file_that_is_no_image_fails_the_run_by_its_name(stage: Stage) -> None:
    run = ask(stage.client, [_words("What is it?"), _file(stage.client, data=b"just text")])
    assert run["status"] == "failed"
    assert "upload.bin is no image" in run["last_error"]["message"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/b.png", "cat.png", "", "data:text/html,x", "https:///"]
)
def test_an_image_elsewhere_is_refused_when_it_is_sent(stage: Stage, url: str) -> None:
    thread = stage.client.beta.threads.create()
    content: Any = [_words("Look"), _sent(url)]
    with pytest.raises(openai.BadRequestError) as refusal:
        stage.client.beta.threads.messages.create(thread.id, role="user", content=content)
    assert refusal.value.param == "content[1].image_url.url"
    assert refusal.value.code == "invalid_value"
