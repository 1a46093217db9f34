"""Keys that are planted in every place where one can be given are found in no other place."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import psutil
import pytest

from desktop_app.client.local_service import LocalService
from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import ask, plain, sdk
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

SERVICE, PROVIDER, OTHER, GIVEN, TRIED = (
    f"sk-{name}-planted-0123456789" for name in ("srv", "env", "oai", "put", "try")
)
ECHO = Turn(status=401, error="Incorrect API key provided: {key}")
CODE = {"name": "code_interpreter", "arguments": {"code": "import os; print(sorted(os.environ.items()))"}}


def _children(pid: int) -> Iterator[tuple[str, str]]:
    """What the system tells of every child: its command line, and its environment."""
    for child in psutil.Process(pid).children(recursive=True):
        if child.status() != psutil.STATUS_ZOMBIE:  # of another test, and nothing but a number any more
            yield f"{child.name()} {child.pid}", f"{child.cmdline()} {child.environ()}"


def _planted(text: str) -> bool:
    return "-planted-0" in text


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not let us read a process's environment")
def test_a_planted_key_is_found_nowhere(tmp_path: Path, model_files: ModelFiles) -> None:
    calls = Turn(calls=[CODE])
    with (
        ScriptedProvider([Turn("Fine."), ECHO, calls, Turn("Done.")]) as environments,
        ScriptedProvider([ECHO], models=["a"]) as put,
    ):
        given = {
            "DESKSIDE_API_KEY": SERVICE,
            "DESKSIDE_PROVIDER_KEY": PROVIDER,
            "DESKSIDE_PROVIDER_URL": environments.base_url,
            "OPENAI_API_KEY": OTHER,
        }
        told: list[str] = []
        with (
            ServiceProcess(tmp_path / "data", given) as service,
            plain(service) as http,
            sdk(service) as client,
        ):
            http.event_hooks["response"].append(lambda answer: told.append(answer.read().decode(errors="replace")))
            _use(http, client, environments, put, told)
            assert service.process is not None
            children = dict(_children(service.process.pid))
            assert any("parse-worker" in said for said in children.values())
            told.extend(children.values())
        told.append(service.log())
        for path in (each for each in tmp_path.rglob("*") if each.is_file()):
            told.append(path.read_bytes().decode(errors="replace"))
    assert environments.keys[:2] == [PROVIDER, PROVIDER]
    assert GIVEN in put.keys
    assert TRIED in put.keys
    assert [text[:2000] for text in told if _planted(text)] == []


def test_a_password_in_the_provider_s_address_is_found_nowhere(tmp_path: Path, model_files: ModelFiles) -> None:
    with ScriptedProvider([Turn("Fine."), Turn(status=500, error="Oops")]) as provider:
        address = provider.base_url.replace("://", f"://me:{OTHER}@")
        told: list[str] = []
        with (
            ServiceProcess(tmp_path / "data", {"DESKSIDE_PROVIDER_URL": address}) as service,
            plain(service) as http,
            sdk(service) as client,
        ):
            told.extend(json.dumps(ask(client, "Hello?", assistant={"model": "x"})) for _ in range(2))
            for path in ("models", "deskside/providers", "deskside/status", "deskside/routing/answer?model=x"):
                told.append(http.get(f"/{path}").text)
        told.append(service.log())
        told.extend(path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert len(provider.requests) > 1
    assert [text[:2000] for text in told if _planted(text)] == []


def _use(
    http: httpx2.Client, client: openai.OpenAI, first: ScriptedProvider, second: ScriptedProvider, told: list[str]
) -> None:
    """Questions, documents, failures and refusals, all that a key could slip out of."""
    store = client.vector_stores.create(name="notes")
    client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("notes.txt", b"The bicycle is red."))
    http.put("/deskside/providers/put", json={"base_url": second.base_url, "key": GIVEN})
    http.put("/deskside/providers/put", json={"base_url": second.base_url, "key": f"{GIVEN}\nplanted"})
    http.put("/deskside/providers/put", json={"base_url": f"https://user:{GIVEN}@x/v1"})
    http.post("/deskside/providers/test", json={"base_url": second.base_url, "key": TRIED})
    for model in ("x", "x", "x", "put/a", "deskside-reader"):
        run = ask(client, "Hello?", assistant={"model": model, "tools": [{"type": "code_interpreter"}]})
        told.append(json.dumps(run))
        for path in ("messages", f"runs/{run['id']}/steps"):
            http.get(f"/threads/{run['thread_id']}/{path}")
    for path in ("providers", "providers/found", "routing", "status", "local-models"):
        http.get(f"/deskside/{path}")
    http.get("/models")
    http.get("/openapi.json")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not let us read a process's environment")
async def test_a_window_hands_its_keys_over_without_the_environment(
    tmp_path: Path, model_files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        monkeypatch.setenv("DESKSIDE_API_KEY", SERVICE)
        monkeypatch.setenv("DESKSIDE_PROVIDER_KEY", PROVIDER)
        monkeypatch.setenv("DESKSIDE_PROVIDER_URL", provider.base_url)
        service = LocalService(tmp_path / "data")
        others = dict(_children(os.getpid()))  # services of other tests, which got their keys by the environment
        try:
            connection = await service.start()
            children = {name: said for name, said in _children(os.getpid()) if name not in others}
            assert any("serve" in said for said in children.values())
            assert [name for name, said in children.items() if _planted(said)] == []
            async with openai.AsyncOpenAI(base_url=connection.base_url, api_key=SERVICE) as client:
                made = await client.beta.assistants.create(model="x")
                run = await client.beta.threads.create_and_run_poll(
                    assistant_id=made.id, thread={"messages": [{"role": "user", "content": "Hello?"}]}
                )
            assert run.status == "completed"
            assert provider.keys == [PROVIDER]
            await connection.close()
        finally:
            await service.stop()
