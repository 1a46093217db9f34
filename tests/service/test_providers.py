"""Providers are set up, changed and removed over HTTP; what was answered lasts, and no key comes back."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import ask, plain, sdk
from tests.support.model_server import ModelServer, models, told
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

OLLAMA = {"kind": "ollama", "base_url": "http://localhost:11434/v1"}
COMPANY = {
    "name": "Company",
    "base_url": "https://models.example.org/v1",
    "wire": "responses",
    "key": "sk-planted-0001",
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    """One that these tests share, since they change who answers."""
    with ServiceProcess(tmp_path_factory.mktemp("providers") / "data") as service:
        yield service


@pytest.fixture
def http(process: ServiceProcess) -> Iterator[httpx2.Client]:
    """A client of a service where nothing is set up."""
    with plain(process) as client:
        yield client
        for provider in client.get("/deskside/providers").json()["data"]:
            client.delete(f"/deskside/providers/{provider['id']}")
        client.put("/deskside/routing", json={})


def _put(http: httpx2.Client, provider_id: str, **change: Any) -> dict[str, Any]:
    answer = http.put(f"/deskside/providers/{provider_id}", json=change)
    assert answer.status_code == 200, answer.text
    provider: dict[str, Any] = answer.json()
    return provider


def _refusal(answer: httpx2.Response) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    return error["param"], error["message"]


def test_presets_say_what_a_new_provider_begins_with(http: httpx2.Client) -> None:
    shown = http.get("/deskside/providers").json()
    assert shown["data"] == []
    kinds = {preset["kind"]: preset for preset in shown["presets"]}
    assert set(kinds) == {"openai", "azure", "openrouter", "ollama", "lmstudio", "vllm", "llamacpp", "other"}
    assert (kinds["openai"]["wire"], kinds["openai"]["needs_key"]) == ("responses", True)
    assert (kinds["ollama"]["wire"], kinds["ollama"]["needs_key"]) == ("chat", False)


def test_a_provider_is_set_up_changed_and_removed(http: httpx2.Client) -> None:
    made = _put(http, "ollama", **OLLAMA)
    assert made["name"] == "Ollama"
    assert made["runs_here"] is True
    assert made["key"] == {"place": "none", "ending": ""}
    _put(http, "company", **COMPANY)
    assert _put(http, "ollama", **OLLAMA | {"name": "Mine"})["name"] == "Mine"
    assert [each["name"] for each in http.get("/deskside/providers").json()["data"]] == ["Mine", "Company"]
    assert http.delete("/deskside/providers/ollama").json()["deleted"] is True
    assert [each["id"] for each in http.get("/deskside/providers").json()["data"]] == ["company"]
    assert http.delete("/deskside/providers/ollama").status_code == 404


def test_without_a_keyring_a_key_lasts_for_the_session_and_only_its_ending_is_shown(http: httpx2.Client) -> None:
    made = _put(http, "company", **COMPANY)
    assert made["key"] == {"place": "session", "ending": "0001"}
    assert _put(http, "company", **COMPANY | {"key": None})["key"]["ending"] == "0001"
    assert _put(http, "company", **COMPANY | {"key": "  sk-another-planted-0002\r\n"})["key"]["ending"] == "0002"
    assert _put(http, "company", **COMPANY | {"key": "short"})["key"] == {"place": "session", "ending": ""}
    assert _put(http, "company", **COMPANY | {"key": ""})["key"]["place"] == "none"


def test_the_providers_and_no_key_are_on_the_disk(http: httpx2.Client, process: ServiceProcess) -> None:
    _put(http, "company", **COMPANY)
    path = process.data_dir / "settings.json"
    assert json.loads(path.read_text())["providers"][0]["id"] == "company"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    holders = [each for each in process.data_dir.rglob("*") if each.is_file() and b"planted" in each.read_bytes()]
    assert holders == []
    assert "planted" not in process.log()


@pytest.mark.parametrize("key", ["sk-plan\nted", "sk plan ted", "sk-plänted", "sk-plan\x00ted", "sk-planted" * 1000])
def test_what_can_be_no_key_is_refused_and_not_repeated(http: httpx2.Client, key: str) -> None:
    param, message = _refusal(http.put("/deskside/providers/company", json=COMPANY | {"key": key}))
    assert param == "key"
    assert "sk" not in message
    assert http.get("/deskside/providers").json()["data"] == []


def test_a_key_is_not_taken_to_another_host(http: httpx2.Client) -> None:
    _put(http, "company", **COMPANY)
    elsewhere = COMPANY | {"base_url": "https://elsewhere.example.org/v1", "key": None}
    param, message = _refusal(http.put("/deskside/providers/company", json=elsewhere))
    assert param == "key"
    assert "models.example.org" in message
    assert _put(http, "company", **elsewhere | {"key": "sk-for-elsewhere-0003"})["key"]["ending"] == "0003"


@pytest.mark.parametrize(
    "address",
    ["ftp://x/v1", "https://", "https://[::1", "https://x:99999/v1", "https://a b/v1", "https://name:pass@x/v1",
     "https://x/v1?key=abc", "https://x/v1#abc", "javascript:alert(1)", "https://x\n/v1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(http: httpx2.Client, address: str) -> None:
    param, message = _refusal(http.put("/deskside/providers/company", json={"base_url": address}))
    assert param == "base_url"
    assert message.startswith("The address ")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://API.example.org/v1/ ", "https://api.example.org/v1"),
        ("https://api.example.org/v1/chat/completions", "https://api.example.org/v1"),
        ("localhost:11434/v1", "http://localhost:11434/v1"),
        ("api.example.org/v1", "https://api.example.org/v1"),
        ("https://x.example/openai/deployments/a?api-version=2024-10-21",) * 2,
    ],
)
def test_an_address_is_taken_as_people_write_it(http: httpx2.Client, typed: str, kept: str) -> None:
    assert _put(http, "company", base_url=typed)["base_url"] == kept


@pytest.mark.parametrize("name", ["Company", "a%2Fb", "local", "environment", "%20", "x" * 41])
def test_what_can_t_name_a_provider_is_refused(http: httpx2.Client, name: str) -> None:
    answer = http.put(f"/deskside/providers/{name}", json=OLLAMA)
    assert answer.status_code in (400, 404)  # a slash leads to no route
    assert http.get("/deskside/providers").json()["data"] == []


def test_which_model_answers_which_name_is_kept(http: httpx2.Client) -> None:
    assert http.get("/deskside/routing").json() == {"object": "deskside.routing", "default_model": "", "names": {}}
    wanted = {"default_model": "ollama/llama3.2", "names": {"gpt-4-turbo": "ollama/qwen3"}}
    assert http.put("/deskside/routing", json=wanted).json() == {"object": "deskside.routing"} | wanted
    assert http.get("/deskside/routing").json() == {"object": "deskside.routing"} | wanted
    for wrong in ({"names": {"": "x"}}, {"names": {"x": ""}}, {"names": {"x": "y" * 257}}, {"default_model": 3}):
        assert http.put("/deskside/routing", json=wrong).status_code == 400


def test_a_provider_is_tried_before_it_is_kept_with_the_stored_key_too(http: httpx2.Client) -> None:
    with ScriptedProvider([Turn("yes")], models=["a"]) as provider:
        change = {"base_url": provider.base_url}
        tested = http.post("/deskside/providers/test", json=change | {"key": "sk-given-planted-0004"}).json()
        assert (tested["ok"], tested["models"]) == (True, ["a"])
        assert http.get("/deskside/providers").json()["data"] == []
        _put(http, "company", **change, key="sk-stored-planted-0005")
        assert http.post("/deskside/providers/test", json=change | {"id": "company"}).json()["ok"]
        assert provider.keys == ["sk-given-planted-0004", "sk-stored-planted-0005"]
        with ScriptedProvider([Turn("yes")]) as other:  # it is not taken to another host
            elsewhere = {"base_url": other.base_url, "id": "company"}
            refused = http.post("/deskside/providers/test", json=elsewhere).json()
            assert (refused["ok"], other.keys) == (False, [])
            assert "Enter the key" in refused["message"]


@pytest.mark.parametrize("change", [{"base_url": "ftp://x"}, {"base_url": "https://x", "key": "a\nb"}])
def test_what_can_t_be_tried_is_told_as_a_try_that_failed(http: httpx2.Client, change: dict[str, str]) -> None:
    tested = http.post("/deskside/providers/test", json=change)
    assert tested.status_code == 200
    assert tested.json()["ok"] is False
    assert tested.json()["message"]


def test_servers_of_this_machine_are_found_until_they_are_set_up(tmp_path: Path, model_files: ModelFiles) -> None:
    with ModelServer({"/v1/models": models("a"), "/api/version": told({"version": "1"})}) as server:
        environment = {"DESKSIDE_MODEL_SERVER_PORTS": f"[{server.port}]"}
        with ServiceProcess(tmp_path / "data", environment) as service, plain(service) as http:
            (found,) = http.get("/deskside/providers/found").json()["data"]
            assert (found["kind"], found["models"]) == ("ollama", ["a"])
            _put(http, "ollama", kind=found["kind"], base_url=found["base_url"])
            assert http.get("/deskside/providers/found").json()["data"] == []
            shown = http.get("/models").json()["data"][1]
            assert (shown["id"], shown["deskside"]["where"]) == ("a", "this computer")
            answer = http.get("/deskside/routing/answer", params={"model": "gpt-4-turbo"}).json()
            assert (answer["provider_id"], answer["name"]) == ("ollama", "a")
            http.delete("/deskside/providers/ollama")
            assert json.loads((service.data_dir / "model-lists.json").read_text()) == {}


def test_who_would_answer_is_told_or_why_nobody_would(http: httpx2.Client) -> None:
    assert http.get("/deskside/routing/answer", params={"model": "gpt-4"}).json()["provider_id"] == "deskside"
    with ScriptedProvider([Turn("yes")], models=["a"]) as provider:
        _put(http, "company", base_url=provider.base_url)
        refused = http.get("/deskside/routing/answer", params={"model": "gone/x"})
    assert refused.status_code == 404
    assert "no provider is called 'gone'" in refused.json()["error"]["message"]


def test_a_run_says_who_answered_and_a_change_counts_for_the_next(
    process: ServiceProcess, http: httpx2.Client
) -> None:
    with sdk(process) as client, ScriptedProvider([Turn("Fine.")], models=["a", "b"]) as provider:
        assert ask(client, "Hello?", assistant={"model": "gpt-4-turbo"})["deskside"]["answered_by"] == "reader"
        _put(http, "company", base_url=provider.base_url, name="Company", key="sk-planted-0006")
        run = ask(client, "Hello?", assistant={"model": "gpt-4-turbo"})
        said = run["deskside"]
        assert (run["model"], said["answered_by"], said["provider_id"]) == ("gpt-4-turbo", "a", "company")
        assert (said["provider_name"], said["where"]) == ("Company", "this computer")
        http.put("/deskside/routing", json={"names": {"gpt-4-turbo": "company/b"}})
        assert ask(client, "Hello?", assistant={"model": "gpt-4-turbo"})["deskside"]["answered_by"] == "b"
        failed = ask(client, "Hello?", assistant={"model": "gone/x"})
        assert failed["status"] == "failed"
        assert "set the provider up in Settings" in failed["last_error"]["message"]


def test_what_was_set_up_survives_a_kill(tmp_path: Path, service: ServiceProcess) -> None:
    with plain(service) as http:
        _put(http, "ollama", **OLLAMA)
        http.put("/deskside/routing", json={"default_model": "ollama/x"})
    service.restart()
    with plain(service) as http:
        assert [each["id"] for each in http.get("/deskside/providers").json()["data"]] == ["ollama"]
        assert http.get("/deskside/routing").json()["default_model"] == "ollama/x"


def test_a_file_that_broke_meanwhile_is_told_and_left_alone(service: ServiceProcess) -> None:
    path = service.data_dir / "settings.json"
    path.write_text('{"providers": 3}')
    with plain(service) as http:
        for answer in (http.get("/deskside/providers"), http.put("/deskside/providers/ollama", json=OLLAMA)):
            assert answer.status_code == 500
            assert "settings.json can't be read: 'providers' is wrong" in answer.json()["error"]["message"]
    assert path.read_text() == '{"providers": 3}'
    path.unlink()
