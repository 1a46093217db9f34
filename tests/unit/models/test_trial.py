"""What a try of a provider says of each thing that can be wrong, from real servers, with its remedy."""

import datetime
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr

from desktop_app.models.providers import trial
from desktop_app.settings.provider_keys import HeldKey
from desktop_app.wire.models import ConnectionTest, Provider
from tests.support.choosing import NOWHERE, model_choice
from tests.support.model_server import ModelServer, models, told
from tests.support.remote import KEY
from tests.support.scripted_provider import ScriptedProvider, Turn, closed_port


async def _try(base_url: str, key: str = KEY, model: str = "", **fields: Any) -> ConnectionTest:
    settings = {name: fields.pop(name) for name in ("ca_file",) if name in fields}
    choice = model_choice(data_dir=NOWHERE, **settings)
    provider = Provider(id="trial", base_url=base_url, **{"name": "Company"} | fields)
    try:
        tested = await choice.try_provider(provider, HeldKey(SecretStr(key), "session"), model)
    finally:
        await choice.close()
    if key:
        assert key not in tested.message + tested.remedy
    assert tested.message
    assert tested.ok or tested.remedy or "Set ca_file" in tested.message
    return tested


@pytest.mark.parametrize("wire", ["chat", "responses"])
async def test_a_provider_that_answers_is_told_with_its_models(wire: str) -> None:
    with ScriptedProvider([Turn("yes")], models=["text-embedding-3-small", "a", "b"]) as provider:
        tested = await _try(provider.base_url, wire=wire)
        assert (tested.ok, tested.models, tested.remedy) == (True, ["a", "b"], "")
        assert [request["model"] for request in provider.requests] == ["a"]
        assert (await _try(provider.base_url, model="b")).ok
        assert [request["model"] for request in provider.requests] == ["a", "b"]


async def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    with ScriptedProvider([Turn(status=404, error="no such model")], models=["a", "b"]) as provider:
        tested = await _try(provider.base_url, model="gpt-9")
    assert tested.message == "Company has no model named 'gpt-9'."
    assert tested.remedy == "Choose one that it has: a, b"


@pytest.mark.parametrize(
    ("turn", "message", "remedy"),
    [
        (Turn(status=429, error="You exceeded your current quota", code="insufficient_quota"), "quota", "balance"),
        (Turn(status=402, error="Insufficient credits"), "quota at Company is used up", "balance"),
        (Turn(status=429, error="Slow down"), "asked too much", "Wait a minute"),
        (Turn(status=401, error="Wrong key {key}"), "did not accept the key", "Copy the key again"),
        (Turn(status=403, error="Region not supported"), "Region not supported", "let in"),
        (Turn(status=500, error="Oops"), "problem of its own", "later"),
        (Turn(status=404, error="Not here"), "does not answer for it", "Responses"),
    ],
)
async def test_a_question_that_is_refused_is_told(turn: Turn, message: str, remedy: str) -> None:
    with ScriptedProvider([turn]) as provider:
        tested = await _try(provider.base_url)
    assert not tested.ok
    assert message in tested.message
    assert remedy in tested.remedy


async def test_azures_models_are_those_that_are_deployed() -> None:
    with ScriptedProvider([Turn(status=404, error="DeploymentNotFound")], models=["gpt-4o"]) as provider:
        listed = await _try(provider.base_url, kind="azure")
        asked = await _try(provider.base_url, kind="azure", model="gpt-4o")
    assert (listed.ok, listed.models) == (True, ["gpt-4o"])
    assert asked.message == "Company has no deployment named 'gpt-4o'."


async def test_a_model_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "ANSWER_S", 0.3)
    with ScriptedProvider([Turn("yes", hang=30)]) as provider:
        tested = await _try(provider.base_url)
    assert "did not begin to answer in time" in tested.message


async def test_a_name_that_nobody_has_is_told() -> None:
    tested = await _try("http://no-such-host.invalid/v1")
    assert tested.message == "No computer named no-such-host.invalid was found."


async def test_a_port_where_nothing_listens_is_told() -> None:
    tested = await _try(f"http://127.0.0.1:{closed_port()}/v1")
    assert tested.message.startswith("Nothing answers at 127.0.0.1:")
    assert tested.remedy.startswith("Start its program")


async def test_a_server_that_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LIST_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        tested = await _try(f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
    assert "took too long" in tested.message


async def test_a_missing_and_a_wrong_key_are_told_apart() -> None:
    with ModelServer({}, key="sk-the-right-one") as server:
        url = f"http://127.0.0.1:{server.port}/v1"
        missing = await _try(url, key="", kind="openrouter")
        wrong = await _try(url, kind="openai")
    assert missing.message == "Company asks for a key."
    assert "openrouter.ai" in missing.remedy
    assert "did not accept the key" in wrong.message
    assert "platform.openai.com" in wrong.remedy


async def test_azure_is_given_its_key_in_its_own_header_and_the_query_is_sent() -> None:
    with ModelServer({"/openai/models?api-version=2024-10-21": models("gpt-4o")}) as server:
        await _try(f"http://127.0.0.1:{server.port}/openai?api-version=2024-10-21", kind="azure")
    assert server.asked[0] == ("/openai/models?api-version=2024-10-21", KEY)


@pytest.mark.parametrize("path", ["", "/v1/v1", "/chat"])
async def test_a_wrong_path_is_told_with_the_right_one(path: str) -> None:
    with ModelServer({"/v1/models": models("a")}) as server:
        tested = await _try(f"http://127.0.0.1:{server.port}{path}")
    assert "no list of models at this address" in tested.message
    assert tested.remedy == f"There are models at http://127.0.0.1:{server.port}/v1: use that address."


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (told("<html>Welcome</html>"), "a web page instead of a list"),
        (told([1]), "no list of models"),
        (told({"data": 7}), "no list of models"),
        (told(None), "no list of models"),
        ((200, {"Content-Encoding": "br"}, b"\x00"), "no list of models"),
        ((200, {"Content-Encoding": "gzip"}, b"\x00"), "no list of models"),
        ((200, {}, b"[" * 100_000), "no list of models"),
        ((200, {}, b" " * 9_000_000), "no list of models"),
        (told({"object": "list", "data": None}), "has no model yet"),
        (told({"error": {"message": "Down for repair"}}, 503), "Down for repair"),
        (told({"error": {"message": "Bad header"}}, 400), "Bad header"),
    ],
)
async def test_an_answer_that_is_no_list_is_told(reply: Any, message: str) -> None:
    with ModelServer({"/v1/models": reply}) as server:
        tested = await _try(f"http://127.0.0.1:{server.port}/v1")
    assert message in tested.message


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example.org/v1/models?key=1", "https://a:b@elsewhere.example.org/v1"]
)
async def test_a_redirect_is_told_and_not_followed(location: str) -> None:
    with ModelServer({"/v1/models": told("", 302, Location=location)}) as server:
        tested = await _try(f"http://127.0.0.1:{server.port}/v1")
    assert "sends us on to elsewhere.example.org." in tested.message
    assert tested.remedy.endswith(": https://elsewhere.example.org/v1")


@pytest.mark.parametrize("location", ["", "http://[::1", "\x01"])
async def test_a_redirect_to_nowhere_is_told(location: str) -> None:
    with ModelServer({"/v1/models": told("", 302, Location=location)}) as server:
        assert not (await _try(f"http://127.0.0.1:{server.port}/v1")).ok


async def test_a_proxy_that_does_not_answer_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{port}")
    monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@127.0.0.1:{port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for scheme in ("http", "https"):
        tested = await _try(f"{scheme}://models.example.org/v1")
        assert f"through the proxy 127.0.0.1:{port}" in tested.message
        assert "secret" not in tested.message
    with ScriptedProvider([Turn("yes")]) as provider:  # what runs here goes through no proxy
        assert (await _try(provider.base_url)).ok


# Secure connections


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def _secured(certificate: trustme.LeafCert) -> ModelServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return ModelServer({"/v1/models": told({"object": "list", "data": []})}, tls=context)


async def test_a_company_s_own_authority_is_trusted_when_its_file_is_set(authority: trustme.CA, ca_file: Path) -> None:
    with _secured(authority.issue_cert("localhost")) as server:
        url = f"https://localhost:{server.port}/v1"
        unknown = await _try(url)
        known = await _try(url, ca_file=str(ca_file))
    assert "nobody that this computer trusts" in unknown.message
    assert "ca_file" in unknown.remedy
    assert "has no model yet" in known.message


async def test_what_is_wrong_with_a_certificate_is_told(authority: trustme.CA, ca_file: Path) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    for certificate, message in (
        (authority.issue_cert("localhost", not_after=past), "has expired"),
        (authority.issue_cert("elsewhere.example.org"), "for another name"),
    ):
        with _secured(certificate) as server:
            tested = await _try(f"https://localhost:{server.port}/v1", ca_file=str(ca_file))
        assert message in tested.message


async def test_a_server_without_tls_is_told_to_be_asked_without() -> None:
    with ModelServer({}) as server:
        tested = await _try(f"https://localhost:{server.port}/v1")
    assert "does not speak https" in tested.message
    assert tested.remedy == "Begin the address with http: instead."


async def test_a_server_with_tls_is_told_to_be_asked_with_it(authority: trustme.CA) -> None:
    with _secured(authority.issue_cert("localhost")) as server:
        tested = await _try(f"http://localhost:{server.port}/v1")
    assert "http: or https:" in tested.remedy


async def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        tested = await _try("https://localhost:1/v1", ca_file=str(path))
        assert str(path) in tested.message
        assert "Set ca_file to a PEM file." in tested.message
