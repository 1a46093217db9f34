"""How a provider is reached: where its key goes, what goes with each request, and what of the environment counts."""

import ssl
from pathlib import Path

import pytest
import trustme

from desktop_app.models.base import ModelError, TextDelta
from desktop_app.models.remote.endpoint import Endpoint
from tests.support.model_server import ModelServer, told
from tests.support.remote import KEY, parts_of, remote_model, remote_provider
from tests.support.scripted_provider import ScriptedProvider, Turn


async def test_the_key_goes_as_a_bearer_token_or_in_the_header_that_the_provider_wants() -> None:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url) as model:
            await parts_of(model)
        async with remote_model(provider.base_url, key_header="api-key") as model:
            await parts_of(model)
        bearer, own = provider.headers
    assert bearer["Authorization"] == f"Bearer {KEY}"
    assert own["api-key"] == KEY
    assert "Authorization" not in own


async def test_a_name_and_password_in_the_address_open_what_stands_before_the_provider() -> None:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url.replace("//", "//me:secret@")) as model:
            await parts_of(model)
        assert provider.headers[0]["Authorization"] == "Basic bWU6c2VjcmV0"


async def test_headers_and_query_go_with_every_request() -> None:
    fields = {"headers": {"X-Title": "Deskside"}, "query": {"api-version": "2026-01-01"}}
    with ScriptedProvider([Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url, **fields) as model:
            await parts_of(model)
        assert provider.headers[0]["X-Title"] == "Deskside"
        assert provider.paths_asked == ["/v1/chat/completions?api-version=2026-01-01"]


async def test_headers_that_were_meant_for_another_host_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: hush\nAuthorization: Bearer other")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-other")
    with ScriptedProvider([Turn("Fine.")]) as provider:
        for key in (KEY, ""):
            async with remote_model(provider.base_url, key=key) as model:
                await parts_of(model)
        with_key, without = provider.headers
    assert with_key["Authorization"] == f"Bearer {KEY}"
    assert "Authorization" not in without
    for sent in (with_key, without):
        assert "other" not in str(sent)
        assert "hush" not in str(sent)


def test_a_key_is_not_shown_with_its_endpoint() -> None:
    assert KEY not in repr(Endpoint("http://127.0.0.1:1/v1", KEY))


async def test_a_proxy_of_the_environment_carries_the_question_unless_it_is_told_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ScriptedProvider([Turn("Fine.")]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        async with remote_model("http://models.invalid/v1") as model:
            assert (await parts_of(model))[0] == TextDelta("Fine.")
        assert proxy.paths_asked == ["http://models.invalid/v1/chat/completions"]
        monkeypatch.setenv("NO_PROXY", "models.invalid")
        async with remote_model("http://models.invalid/v1") as model:
            with pytest.raises(ModelError, match=r"models\.invalid was not found"):
                await parts_of(model)


async def test_certificates_of_the_environment_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ModelServer({"/v1/models": told({"object": "list", "data": [{"id": "a"}]})}, tls=context) as server:
        url = f"https://localhost:{server.port}/v1"
        async with remote_provider(url) as provider:
            with pytest.raises(ModelError, match="secure connection"):
                await provider.list_models()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        async with remote_provider(url) as provider:
            assert [model["id"] for model in await provider.list_models()] == ["a"]
