"""What is known of a provider's models besides their names: from its own lists, and from a table for OpenAI's."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from desktop_app.models.source import ListedModel
from desktop_app.settings.paths import resources_dir
from desktop_app.wire.models import Dialect

_ASKED_FOR = 50
"""Ollama is asked about each model by itself; beyond these only the names are known."""
_AT_A_TIME = 8
_NO_ANSWERS = re.compile(
    r"embed|whisper|\btts\b|-tts|dall-e|moderation|transcribe|realtime|-audio|image|sora|babbage|davinci|rerank|"
    r"\bbge-|\be5-|minilm",
    re.IGNORECASE,
)
"""Names of models that make vectors, pictures or sound, and answer no question."""


class Asked(Protocol):
    """What is needed of a provider's connection."""

    async def list_models(self) -> list[dict[str, Any]]:
        """The objects of its list, with all fields they have; raises ModelError."""

    async def look(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """JSON of a path of its host; None where there is none, whatever the reason."""


async def describe(kind: Dialect, provider: Asked) -> list[ListedModel]:
    """The provider's models with what can be known of them; raises ModelError where it lists none."""
    given = await provider.list_models()
    more = await _MORE[kind](provider, [str(each["id"]) for each in given]) if kind in _MORE else {}
    table = openai_models() if kind in ("openai", "azure") else {}
    return [_model(each, more.get(str(each["id"]), {}), table) for each in given]


@cache
def openai_models() -> dict[str, dict[str, Any]]:
    """OpenAI's models by name, the one to begin with first; the file says where its figures are from, and of when."""
    table = json.loads((resources_dir() / "models" / "openai.json").read_text("utf-8"))
    models: dict[str, dict[str, Any]] = table["models"]
    return models


def first_choice(models: Iterable[ListedModel]) -> str:
    """The model to begin with: the first of OpenAI's table that is there, else the first that answers; "" for none.

    Gateways put the maker's name in front: "openai/gpt-4o".
    """
    able = [model.name for model in models if model.answers]
    wanted = (name for known in openai_models() for name in (known, f"openai/{known}"))
    return next((name for name in wanted if name in able), able[0] if able else "")


def _model(given: Mapping[str, Any], more: Mapping[str, Any], table: Mapping[str, Mapping[str, Any]]) -> ListedModel:
    name = str(given["id"])
    known = {**_of_list(given), **more, **_of_table(name, table)}
    created, owner = given.get("created"), given.get("owned_by")
    return ListedModel(
        name=name,
        created=created if isinstance(created, int) else 0,
        owned_by=owner if isinstance(owner, str) else "",
        context_tokens=_whole(known.get("context_tokens")),
        input_price=known.get("input_price"),
        output_price=known.get("output_price"),
        sees_images=known.get("sees_images"),
        calls_tools=known.get("calls_tools"),
        answers=known.get("answers", _NO_ANSWERS.search(name) is None),
    )


def _of_list(given: Mapping[str, Any]) -> dict[str, Any]:
    """From the fields that servers add to their lists: OpenRouter, vLLM, llama.cpp and those that follow them."""
    meta, pricing = _map(given.get("meta")), _map(given.get("pricing"))
    architecture, parameters = _map(given.get("architecture")), given.get("supported_parameters")
    sizes = (given.get("context_length"), given.get("max_model_len"), meta.get("n_ctx_train"))
    inputs = architecture.get("input_modalities")
    facts: dict[str, Any] = {"context_tokens": next((size for size in sizes if _whole(size)), 0)}
    facts |= {
        "input_price": _per_million(pricing.get("prompt")),
        "output_price": _per_million(pricing.get("completion")),
    }
    if isinstance(inputs, list):
        facts["sees_images"] = "image" in inputs
    if isinstance(parameters, list):
        facts["calls_tools"] = "tools" in parameters
    return facts


def _of_table(name: str, table: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The entry of a name, or of its undated form ("gpt-4o-2024-08-06")."""
    undated = re.sub(r"-(\d{4}-\d{2}-\d{2}|\d{4})$", "", name)
    return table.get(name) or table.get(undated) or {}


async def _ollama(provider: Asked, names: list[str]) -> dict[str, dict[str, Any]]:
    limit = asyncio.Semaphore(_AT_A_TIME)

    async def show(name: str) -> Mapping[str, Any]:
        async with limit:
            return _map(await provider.look("/api/show", {"model": name}))

    shown = await asyncio.gather(*(show(name) for name in names[:_ASKED_FOR]))
    return {name: _of_ollama(each) for name, each in zip(names, shown, strict=False) if each}


def _of_ollama(shown: Mapping[str, Any]) -> dict[str, Any]:
    info, abilities = _map(shown.get("model_info")), shown.get("capabilities")
    sizes = [value for name, value in info.items() if str(name).endswith(".context_length")]
    facts: dict[str, Any] = {"context_tokens": next(filter(_whole, sizes), 0)}
    if isinstance(abilities, list):
        facts |= {"sees_images": "vision" in abilities, "calls_tools": "tools" in abilities}
        facts["answers"] = "completion" in abilities
    return facts


async def _lmstudio(provider: Asked, _: list[str]) -> dict[str, dict[str, Any]]:
    shown = _map(await provider.look("/api/v0/models")).get("data")
    return {str(each.get("id")): _of_lmstudio(each) for each in map(_map, shown if isinstance(shown, list) else ())}


def _of_lmstudio(shown: Mapping[str, Any]) -> dict[str, Any]:
    sizes = (shown.get("loaded_context_length"), shown.get("max_context_length"))
    facts: dict[str, Any] = {"context_tokens": next((size for size in sizes if _whole(size)), 0)}
    if "type" in shown:
        facts |= {"sees_images": shown["type"] == "vlm", "answers": shown["type"] in ("llm", "vlm")}
    if isinstance(shown.get("capabilities"), list):
        facts["calls_tools"] = "tool_use" in shown["capabilities"]
    return facts


async def _llamacpp(provider: Asked, names: list[str]) -> dict[str, dict[str, Any]]:
    """It has one model in memory, and says how much of a conversation was given room to."""
    shown = _map(await provider.look("/props"))
    facts: dict[str, Any] = {}
    size = _map(shown.get("default_generation_settings")).get("n_ctx")
    if _whole(size):
        facts["context_tokens"] = size
    if "modalities" in shown:
        facts["sees_images"] = bool(_map(shown["modalities"]).get("vision"))
    return dict.fromkeys(names, facts) if len(names) == 1 else {}


_MORE = {"ollama": _ollama, "lmstudio": _lmstudio, "llamacpp": _llamacpp}


def _map(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


def _whole(given: Any) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**40 else 0


def _per_million(given: Any) -> float | None:
    """OpenRouter prices a token, as text; a negative one says that it depends."""
    try:
        price = float(given) * 1_000_000
    except (TypeError, ValueError, OverflowError):
        return None
    return round(price, 6) if 0 <= price < 1_000_000 else None
