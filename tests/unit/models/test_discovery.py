"""Model servers of this machine are found on the ports that are given, and told apart."""

import socket
from contextlib import ExitStack

import pytest

from desktop_app.models.providers import discovery
from desktop_app.models.providers.discovery import find_servers
from desktop_app.wire.models import Provider
from tests.support.model_server import ModelServer, Reply, models, told
from tests.support.scripted_provider import closed_port

UNEXPECTED = told({"error": "Unexpected endpoint or method."})
KINDS: dict[str, dict[str, Reply]] = {
    "ollama": {"/api/version": told({"version": "0.12.0"}), "/v1/models": models("llama3.2", "qwen3")},
    "lmstudio": {
        "/api/v0/models": models("phi-4"),
        "/v1/models": models("phi-4"),
        **dict.fromkeys(("/api/version", "/props", "/version"), UNEXPECTED),
    },
    "llamacpp": {"/props": told({"default_generation_settings": {"n_ctx": 4096}}), "/v1/models": models("m.gguf")},
    "vllm": {"/version": told({"version": "0.11.0"}), "/v1/models": models("meta/llama")},
    "other": {"/v1/models": models("x")},
}


async def test_each_kind_is_told_by_what_only_it_answers() -> None:
    with ExitStack() as stack:
        servers = {kind: stack.enter_context(ModelServer(replies)) for kind, replies in KINDS.items()}
        found = await find_servers([server.port for server in servers.values()], [])
    assert [server.kind for server in found] == list(KINDS)
    assert found[0].name == "Ollama"
    assert found[0].models == ["llama3.2", "qwen3"]
    assert found[0].base_url == f"http://localhost:{servers['ollama'].port}/v1"


async def test_what_is_set_up_is_not_offered_again_and_nothing_twice() -> None:
    with ModelServer(KINDS["ollama"]) as ollama, ModelServer(KINDS["vllm"]) as vllm:
        for host in ("localhost", "127.0.0.1", "[::1]"):
            known = [Provider(id="mine", name="Mine", base_url=f"http://{host}:{ollama.port}/v1")]
            found = await find_servers([ollama.port, vllm.port, vllm.port], known)
            assert [server.kind for server in found] == ["vllm"]
        elsewhere = [Provider(id="mine", name="Mine", base_url=f"http://192.0.2.1:{ollama.port}/v1")]
        assert len(await find_servers([ollama.port], elsewhere)) == 1


async def test_ollama_without_a_model_is_found() -> None:
    replies = KINDS["ollama"] | {"/v1/models": told({"object": "list", "data": None})}
    with ModelServer(replies) as server:
        assert [(each.kind, each.models) for each in await find_servers([server.port], [])] == [("ollama", [])]


@pytest.mark.parametrize(
    "reply",
    [
        told("<html>A web shop</html>"),
        told([1]),
        told({"data": 3}),
        told(None),
        told({}, 401),
        (200, {}, b"\xff{"),
    ],
)
async def test_other_servers_are_not_taken_for_model_servers(reply: Reply) -> None:
    with ModelServer({"/v1/models": reply, "/": told("<html></html>")}) as server:
        assert await find_servers([server.port, closed_port()], []) == []


async def test_a_port_that_says_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "TIMEOUT_S", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, ModelServer(KINDS["vllm"]) as server:
        found = await find_servers([silent.getsockname()[1], server.port], [])
    assert [each.kind for each in found] == ["vllm"]
