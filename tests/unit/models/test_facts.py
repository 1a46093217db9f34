"""What is known of models besides their names, from what each kind of server says of itself."""

from typing import Any

import pytest

from desktop_app.models.providers.facts import describe, first_choice, openai_models
from desktop_app.models.source import ListedModel
from desktop_app.wire.models import Dialect
from tests.support.model_server import ModelServer, Reply, models, told
from tests.support.remote import remote_provider


async def _described(kind: Dialect, replies: dict[str, Reply]) -> dict[str, ListedModel]:
    with ModelServer(replies) as server:
        async with remote_provider(f"http://127.0.0.1:{server.port}/v1") as provider:
            return {model.name: model for model in await describe(kind, provider)}


async def test_openrouter_tells_prices_sizes_and_abilities() -> None:
    given: dict[str, Any] = {
        "context_length": 131072,
        "pricing": {"prompt": "0.00000015", "completion": "0.0000006"},
        "architecture": {"input_modalities": ["text", "image"]},
        "supported_parameters": ["tools", "temperature"],
        "created": 1_700_000_000,
    }
    listed = (await _described("openrouter", {"/v1/models": models("openai/x", **given)}))["openai/x"]
    assert (listed.input_price, listed.output_price, listed.context_tokens) == (0.15, 0.6, 131072)
    assert (listed.sees_images, listed.calls_tools, listed.created) == (True, True, 1_700_000_000)


async def test_ollama_is_asked_about_each_model() -> None:
    shown = {"model_info": {"llama.context_length": 131072}, "capabilities": ["completion", "tools"]}
    listed = await _described("ollama", {"/v1/models": models("llama3.2"), "/api/show": told(shown)})
    assert listed["llama3.2"].context_tokens == 131072
    assert (listed["llama3.2"].calls_tools, listed["llama3.2"].sees_images) == (True, False)
    embedder = {"capabilities": ["embedding"], "model_info": {}}
    listed = await _described("ollama", {"/v1/models": models("mxbai"), "/api/show": told(embedder)})
    assert not listed["mxbai"].answers


async def test_lm_studio_tells_sizes_and_kinds() -> None:
    shown = {
        "data": [{"id": "phi-4", "type": "vlm", "max_context_length": 16384}, {"id": "nomic", "type": "embeddings"}]
    }
    listed = await _described("lmstudio", {"/v1/models": models("phi-4", "nomic"), "/api/v0/models": told(shown)})
    assert (listed["phi-4"].context_tokens, listed["phi-4"].sees_images) == (16384, True)
    assert not listed["nomic"].answers


async def test_llama_cpp_tells_the_room_that_it_was_given() -> None:
    props = {"default_generation_settings": {"n_ctx": 8192}, "modalities": {"vision": True}}
    replies = {"/v1/models": models("m.gguf", meta={"n_ctx_train": 131072}), "/props": told(props)}
    listed = (await _described("llamacpp", replies))["m.gguf"]
    assert (listed.context_tokens, listed.sees_images) == (8192, True)
    del replies["/props"]
    assert (await _described("llamacpp", replies))["m.gguf"].context_tokens == 131072


async def test_vllm_tells_its_length() -> None:
    listed = await _described("vllm", {"/v1/models": models("meta/llama", max_model_len=32768)})
    assert listed["meta/llama"].context_tokens == 32768


async def test_openais_models_are_in_a_table_dated_names_too() -> None:
    listed = await _described("openai", {"/v1/models": models("gpt-4o-2024-08-06", "tts-1", "gpt-99")})
    assert (listed["gpt-4o-2024-08-06"].context_tokens, listed["gpt-4o-2024-08-06"].input_price) == (128_000, 2.5)
    assert not listed["tts-1"].answers
    assert (listed["gpt-99"].context_tokens, listed["gpt-99"].input_price) == (0, None)
    assert first_choice(listed.values()) == "gpt-4o-2024-08-06"


@pytest.mark.parametrize(
    "fields",
    [
        {"context_length": -1, "pricing": {"prompt": "free", "completion": "-1"}},
        {"context_length": True, "pricing": [1], "architecture": 3, "supported_parameters": "tools"},
        {"context_length": 1e30, "pricing": {"prompt": "1e400", "completion": None}, "meta": []},
        {"max_model_len": "many", "architecture": {"input_modalities": 7}, "created": "now", "owned_by": 3},
    ],
)
async def test_nonsense_is_unknown(fields: dict[str, Any]) -> None:
    listed = (await _described("other", {"/v1/models": models("x", **fields)}))["x"]
    assert (listed.context_tokens, listed.input_price, listed.output_price) == (0, None, None)


def test_a_gateways_model_to_begin_with_is_openais_small_one() -> None:
    assert (
        first_choice(map(ListedModel, ("maker/huge", "openai/gpt-4o", "openai/gpt-4o-mini"))) == "openai/gpt-4o-mini"
    )
    assert first_choice(map(ListedModel, ("maker/huge", "maker/small"))) == "maker/huge"


def test_the_table_says_where_it_is_from() -> None:
    assert all(set(entry) <= set(ListedModel.__dataclass_fields__) for entry in openai_models().values())
    assert openai_models()["gpt-4o"]["output_price"] == 10
