"""What Deskside adds: status, the live feed, pages, the samples."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import openai
import pytest

from tests.service.conftest import sdk
from tests.support.service_process import ServiceProcess


def test_the_status_says_where_things_are_and_where_questions_go(http: httpx2.Client, shared: ServiceProcess) -> None:
    status = http.get("/deskside/status").json()
    assert status["data_dir"] == str(shared.data_dir)
    assert status["provider"] == ""
    assert status["model_files"]["state"] == "ready"


def changes(answer: httpx2.Response) -> Iterator[dict[str, str]]:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            assert name == "deskside.changed"
            yield json.loads(line.removeprefix("data: "))


def test_the_feed_tells_what_changes(http: httpx2.Client, client: openai.OpenAI) -> None:
    connected = threading.Event()

    def listen() -> dict[str, str]:
        with http.stream("GET", "/deskside/events") as answer:
            connected.set()
            return next(change for change in changes(answer) if change["kind"] == "assistant")

    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(listen)
        assert connected.wait(10)
        made = client.beta.assistants.create(model="m")
        assert heard.result(10) == {
            "object": "deskside.change",
            "kind": "assistant",
            "id": made.id,
            "parent_id": None,
            "action": "created",
        }


def test_pages_are_read_one_by_one(http: httpx2.Client, client: openai.OpenAI, upload: Callable[..., str]) -> None:
    store = client.vector_stores.create()
    file_id = upload("# Title\n\nSome words.", name="page.md")
    client.vector_stores.files.create_and_poll(file_id, vector_store_id=store.id)
    page = http.get(f"/deskside/files/{file_id}/pages/1").json()
    assert (page["object"], page["file_name"], page["number"], page["page_count"]) == (
        "deskside.page",
        "page.md",
        1,
        1,
    )
    assert "Some words." in page["text"]


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1.5", "9" * 30, "१"])
def test_a_page_that_is_not_there_is_not_found(
    http: httpx2.Client, client: openai.OpenAI, upload: Callable[..., str], number: str
) -> None:
    store = client.vector_stores.create()
    file_id = upload("words", name="page.txt")
    client.vector_stores.files.create_and_poll(file_id, vector_store_id=store.id)
    assert http.get(f"/deskside/files/{file_id}/pages/{number}").status_code == 404


def test_samples_are_made_once_even_by_two_windows_at_the_same_time(service: ServiceProcess) -> None:
    with sdk(service) as client, ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(client.post, "/deskside/samples", cast_to=object) for _ in range(4)]
        answers = [call.result() for call in calls]
        assert sorted(answer["created"] for answer in answers) == [False, False, False, True]  # type: ignore[index]
        assert len({answer["assistant_id"] for answer in answers}) == 1  # type: ignore[index]
        assert answers[0]["questions"]  # type: ignore[index]
        assert len(client.beta.assistants.list().data) == len(client.vector_stores.list().data) == 1
        service.restart()
    with sdk(service) as client:
        again = client.post("/deskside/samples", cast_to=object)
        assert not again["created"]  # type: ignore[index]
        assert len(client.beta.assistants.list().data) == 1
        assert len(client.files.list().data) == 4
