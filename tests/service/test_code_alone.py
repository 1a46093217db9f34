"""Code that a person runs without a run, and the sandbox as the service tells of it."""

import time
from typing import Any

import httpx2
import openai
import pytest

from desktop_app.client.code import Code
from tests.service.conftest import Stage
from tests.service.test_code import PNG, SALES, ask, code, newest, upload
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess


@pytest.fixture
async def alone(shared: ServiceProcess) -> Any:
    async with openai.AsyncOpenAI(base_url=shared.base_url, api_key=shared.api_key) as official:
        yield Code(official)


def test_a_cell_is_run_again_in_the_session_of_its_thread(stage: Stage) -> None:
    run = ask(stage, code("x = 20"), Turn("Set."))
    cell = "x += 1\nprint(x)\nopen('/mnt/data/x.txt', 'w').write(str(x))\nNone"
    again = stage.http.post(f"/deskside/threads/{run.thread_id}/code", json={"code": cell}).json()
    assert (again["object"], again["logs"], again["outcome"], again["images"]) == ("deskside.cell", "21\n", "ok", [])
    (file,) = again["files"]
    assert file["name"] == "x.txt"
    assert stage.client.files.content(file["file_id"]).text == "21"
    linked = ask(stage, Turn("See sandbox:/mnt/data/x.txt."), thread_id=run.thread_id)
    (part,) = newest(stage.client, linked.thread_id).content
    assert part.type == "text"
    assert [each.file_path.file_id for each in part.text.annotations if each.type == "file_path"] == [file["file_id"]]


async def test_a_thread_without_a_run_can_run_code_over_its_files(alone: Code, client: openai.OpenAI) -> None:
    sales = upload(client, "sales.csv", SALES)
    thread = client.beta.threads.create(tool_resources={"code_interpreter": {"file_ids": [sales]}})
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint(len(open('/mnt/data/sales.csv').readlines()))"
    cell = await alone.run(thread.id, plot)
    assert cell.logs == "6\n"
    assert client.files.content(cell.images[0]).read().startswith(PNG)
    wrong = await alone.run(thread.id, "1/0")
    assert (wrong.outcome, "ZeroDivisionError" in wrong.logs) == ("error", True)


def test_a_client_that_leaves_stops_its_cell(http: httpx2.Client, client: openai.OpenAI) -> None:
    path = f"/deskside/threads/{client.beta.threads.create().id}/code"
    assert http.post(path, json={"code": "x = 1"}).json()["outcome"] == "ok"
    with pytest.raises(httpx2.ReadTimeout):
        http.post(path, json={"code": "x = 2\nwhile True: pass"}, timeout=2)
    began = time.monotonic()
    assert http.post(path, json={"code": "print(x)"}).json()["logs"] == "2\n"
    assert time.monotonic() - began < 40, "the cell was not stopped before its own limit of 60 s"


@pytest.mark.parametrize("body", [{}, {"code": 1}, {"code": "x", "more": 1}])
def test_a_wrong_request_is_refused(http: httpx2.Client, client: openai.OpenAI, body: Any) -> None:
    assert http.post(f"/deskside/threads/{client.beta.threads.create().id}/code", json=body).status_code == 400


def test_an_unknown_thread_has_no_session(http: httpx2.Client) -> None:
    assert http.post(f"/deskside/threads/thread_{'0' * 24}/code", json={"code": "1"}).status_code == 404
    assert http.post("/deskside/threads/nothing/code", json={"code": "1"}).status_code == 400


async def test_the_sandbox_is_told_and_tested(alone: Code, http: httpx2.Client) -> None:
    state = http.get("/deskside/status").json()["sandbox"]
    assert state["level"] in ("full", "standard", "reduced")
    assert "Sandbox" in state["message"]
    tested = await alone.self_test()
    assert tested.sandbox.model_dump() == state
    assert len(tested.data) > 100
    assert [row for row in tested.data if row.through] == []
    assert await alone.self_test() == tested
