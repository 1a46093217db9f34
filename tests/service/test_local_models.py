"""A real language model behind the real service: added, asked over the SDK, killed, left by a killed service."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import psutil
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import plain, sdk
from tests.support.gguf import gguf
from tests.support.processes import children
from tests.support.service_process import ServiceProcess

MODEL_ID = "smollm2-135m-instruct.q4-1"
MODEL = f"local/{MODEL_ID}"
_PATIENCE_S = 60


@pytest.fixture(scope="module")
def process(
    tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles, small_model: Path
) -> Iterator[ServiceProcess]:
    """A service that knows SmolLM2; these tests share it."""
    with ServiceProcess(tmp_path_factory.mktemp("local") / "data") as service:
        add(service, small_model)
        yield service
    assert "Traceback" not in service.log(), service.log()


@pytest.fixture
def own(service: ServiceProcess, small_model: Path) -> ServiceProcess:
    """One that a test may kill."""
    add(service, small_model)
    return service


def add(service: ServiceProcess, path: Path) -> None:
    with plain(service) as http:
        added = http.post("/deskside/local-models", json={"path": str(path)})
        assert added.json()["id"] == MODEL_ID, added.text


@pytest.fixture
def http(process: ServiceProcess) -> Iterator[httpx2.Client]:
    with plain(process) as client:
        yield client


@pytest.fixture
def client(process: ServiceProcess) -> Iterator[openai.OpenAI]:
    with sdk(process) as official:
        yield official


def workers(process: ServiceProcess) -> list[psutil.Process]:
    assert process.process is not None
    return children("model-worker", of=process.process.pid)


def until(right: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not right():
        assert time.monotonic() < end
        time.sleep(0.05)


def begin(client: openai.OpenAI, question: str, **assistant: Any) -> tuple[str, str]:
    """The ids of a thread with the question, and of an assistant that the model answers for."""
    made = client.beta.assistants.create(model=MODEL, temperature=0, **assistant)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    return thread.id, made.id


def ended(client: openai.OpenAI, question: str, **assistant: Any) -> Any:
    thread_id, assistant_id = begin(client, question, **assistant)
    return client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id)


def test_a_real_language_model_streams_its_answer_over_the_sdk(client: openai.OpenAI) -> None:
    thread_id, assistant_id = begin(client, "Count from one to five.")
    with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant_id) as stream:
        deltas = list(stream.text_deltas)
        run = stream.get_final_run()
    assert len(deltas) > 1
    assert run.status == "completed"
    assert run.usage is not None
    assert run.usage.prompt_tokens > 20
    assert run.usage.completion_tokens >= 5
    extension: Any = run.to_dict()["deskside"]
    assert extension["answered_by"] == MODEL
    (answer,) = client.beta.threads.messages.list(thread_id, run_id=run.id).data
    assert answer.content[0].type == "text"
    assert "".join(deltas) == answer.content[0].text.value
    assert "3" in answer.content[0].text.value


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be held up there")
def test_while_it_loads_the_run_says_so_and_the_list_too(own: ServiceProcess) -> None:
    with plain(own) as http, sdk(own) as client:
        thread_id, assistant_id = begin(client, "Say hello.")
        run = client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id)
        until(lambda: bool(workers(own)))
        (worker,) = workers(own)
        worker.suspend()
        shown = http.get(f"/threads/{thread_id}/runs/{run.id}").json()
        states = {model["id"]: model["state"] for model in http.get("/deskside/local-models").json()["models"]}
        worker.resume()
        assert shown["deskside"]["status_text"] == "Loading SmolLM2 135M Instruct..."
        assert states[MODEL_ID] == "loading"
        until(lambda: client.beta.threads.runs.retrieve(run.id, thread_id=thread_id).status == "completed")


def test_documents_are_searched_before_a_model_that_calls_no_tools(client: openai.OpenAI) -> None:
    file = client.files.create(file=("hours.md", b"The workshop opens at nine."), purpose="assistants")
    store = client.vector_stores.create(file_ids=[file.id])
    until(lambda: client.vector_stores.retrieve(store.id).status == "completed")
    resources: Any = {"file_search": {"vector_store_ids": [store.id]}}
    run = ended(client, "When does the workshop open?", tools=[{"type": "file_search"}], tool_resources=resources)
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [step.type for step in steps] == ["tool_calls", "message_creation"]
    (answer,) = client.beta.threads.messages.list(run.thread_id, run_id=run.id).data
    assert answer.content[0].type == "text"
    assert "nine" in answer.content[0].text.value


def test_a_killed_model_fails_its_run_with_a_sentence_and_nothing_else(
    process: ServiceProcess, client: openai.OpenAI
) -> None:
    thread_id, assistant_id = begin(client, "Tell a very long story about a king and a queen.")
    with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant_id) as stream:
        for at, _ in enumerate(stream.text_deltas):
            if at == 0:
                workers(process)[0].kill()
        run = stream.get_final_run()
    assert run.status == "failed"
    assert run.last_error is not None
    assert "stopped in the middle of its answer" in run.last_error.message
    assert "Ask again" in run.last_error.message
    assert ended(client, "Count from one to five.").status == "completed"


def test_a_cancelled_run_stops_the_model(process: ServiceProcess, client: openai.OpenAI) -> None:
    thread_id, assistant_id = begin(client, "Tell a very long story about a king and a queen.")
    with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=assistant_id) as stream:
        for _ in stream.text_deltas:
            run = stream.current_run
            assert run is not None
            client.beta.threads.runs.cancel(run.id, thread_id=thread_id)
            break
    until(lambda: client.beta.threads.runs.retrieve(run.id, thread_id=thread_id).status == "cancelled")
    assert ended(client, "Count from one to five.").status == "completed"
    assert len(workers(process)) == 1


@pytest.mark.parametrize("end", [ServiceProcess.stop, ServiceProcess.kill])
def test_the_model_ends_with_the_service(own: ServiceProcess, end: Callable[[ServiceProcess], object]) -> None:
    with sdk(own) as client:
        assert ended(client, "Say hello.").status == "completed"
    (worker,) = workers(own)
    end(own)
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_model_can_be_chosen_like_any_other(http: httpx2.Client) -> None:
    (listed,) = [model for model in http.get("/models").json()["data"] if model["id"] == MODEL]
    assert listed["deskside"]["where"] == "this computer"
    assert listed["deskside"]["runs_here"] is True
    assert listed["deskside"]["context_tokens"] == 8192
    assert listed["deskside"]["calls_tools"] is False
    assert http.get(f"/models/{MODEL}").json() == listed


def test_what_was_added_and_set_is_there_after_a_kill(own: ServiceProcess) -> None:
    options = {"context_tokens": 1024, "threads": None, "gpu_layers": 0}
    with plain(own) as http:
        assert http.put(f"/deskside/local-models/{MODEL_ID}/options", json=options).json()["options"] == options
    own.restart()
    with plain(own) as http:
        (model,) = [each for each in http.get("/deskside/local-models").json()["models"] if each["id"] == MODEL_ID]
    assert model["options"] == options
    assert model["state"] == "stopped"


@pytest.mark.parametrize(
    "options", [{"context_tokens": 0}, {"threads": 0}, {"gpu_layers": -1}, {"threads": "all"}, {"speed": 9}]
)
def test_options_that_can_t_be_are_refused(http: httpx2.Client, options: dict[str, Any]) -> None:
    refused = http.put(f"/deskside/local-models/{MODEL_ID}/options", json=options)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] in options


def test_a_truncated_file_is_refused_with_a_sentence(http: httpx2.Client, tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(gguf(missing=100))
    refused = http.post("/deskside/local-models", json={"path": str(tmp_path / "broken.gguf")})
    assert refused.status_code == 400
    assert "broken.gguf is not whole: 100 bytes are missing" in refused.json()["error"]["message"]


@pytest.mark.parametrize(("path", "field"), [("", "path"), ("/downloads", "id")])
def test_a_body_must_say_what_is_meant(http: httpx2.Client, path: str, field: str) -> None:
    refused = http.post(f"/deskside/local-models{path}", json={})
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == field


def test_unknown_models_and_downloads_are_not_found(http: httpx2.Client) -> None:
    answers = [
        http.delete("/deskside/local-models/nothing"),
        http.put("/deskside/local-models/nothing/options", json={}),
        http.post("/deskside/local-models/downloads", json={"id": "nothing"}),
        http.delete("/deskside/local-models/downloads/nothing"),
        http.delete("/deskside/local-models/downloads/qwen3-4b"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


def test_a_removed_model_is_told_in_words_and_its_file_stays(own: ServiceProcess, small_model: Path) -> None:
    with plain(own) as http, http.stream("GET", "/deskside/events") as feed:
        lines = feed.iter_lines()
        http.delete(f"/deskside/local-models/{MODEL_ID}")
        change = next(json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
    assert (change["kind"], change["id"], change["action"]) == ("model", MODEL_ID, "deleted")
    assert small_model.exists()
    with sdk(own) as client:
        run = ended(client, "Say hello.")
    assert run.status == "failed"
    assert "There is no local model" in run.last_error.message
