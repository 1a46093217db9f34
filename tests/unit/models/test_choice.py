"""Which source answers which name, with providers that list models, and some that do not answer."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from desktop_app.models.base import Model, ModelError
from desktop_app.models.choice import ModelChoice
from desktop_app.models.providers.registry import Providers
from desktop_app.models.remote.model import RemoteModel
from desktop_app.models.source import THIS_COMPUTER, ListedModel, Listing
from desktop_app.settings.options import Settings
from desktop_app.wire.models import ProviderChange
from tests.support.remote import question
from tests.support.scripted_provider import ScriptedProvider, Turn, closed_port

READER: Any = object()


class LocalModels:
    """Stands in for the models of this computer: it has one, which can't be asked."""

    id = "local"
    name = "This computer"
    where = THIS_COMPUTER
    runs_here = True

    async def listing(self, *, refresh: bool = False) -> Listing:
        return Listing([ListedModel("smol")])

    async def model(self, name: str) -> Model:
        raise ModelError(f"No model {name}.", "server_error")


@dataclass
class Desk:
    """Providers over a folder of the test's own."""

    folder: Path
    stack: ExitStack
    environment: dict[str, Any] = field(default_factory=dict)
    choices: list[ModelChoice] = field(default_factory=list)

    def serve(self, *models: str) -> ScriptedProvider:
        return self.stack.enter_context(ScriptedProvider([Turn("Fine.")], models=models))

    def set_up(self, provider_id: str, base_url: str, **change: Any) -> None:
        self.providers.put(provider_id, ProviderChange(base_url=base_url, **change))

    @property
    def providers(self) -> Providers:
        return Providers(Settings(**{"provider_url": ""} | self.environment), self.folder)

    def choice(self) -> ModelChoice:
        self.choices.append(ModelChoice(self.providers, READER, [LocalModels()]))
        return self.choices[-1]

    async def answer(self, name: str) -> str:
        """Who answers, as "source/name"."""
        chosen = await self.choice().choose(name)
        return f"{chosen.source.id}/{chosen.name}"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with ExitStack() as stack:
        made = Desk(tmp_path, stack)
        yield made
        for choice in made.choices:
            await choice.close()


async def test_without_a_provider_the_reader_answers_every_name(desk: Desk) -> None:
    for name in ("gpt-4-turbo", "deskside-reader", "ollama/llama3.2", "x"):
        assert (await desk.answer(name)).startswith("deskside/")
    assert await desk.answer("local/smol") == "local/smol"


async def test_the_environments_provider_gets_every_name_as_it_is(desk: Desk) -> None:
    desk.environment = {"provider_url": "http://127.0.0.1:1/v1"}
    desk.set_up("ollama", "http://127.0.0.1:2/v1")
    desk.providers.set_routing("ollama/x", {})
    for name in ("gpt-4-turbo", "maker/model", "anything"):
        assert await desk.answer(name) == f"environment/{name}"
    assert await desk.answer("ollama/y") == "ollama/y"
    assert await desk.answer("deskside-reader") == "deskside/deskside-reader"


async def test_a_plain_name_belongs_to_the_default_provider_and_a_qualified_one_to_its_own(desk: Desk) -> None:
    desk.set_up("one", desk.serve("a", "b").base_url)
    desk.set_up("two", desk.serve("b", "maker/c").base_url)
    assert await desk.answer("b") == "one/b"
    assert await desk.answer("two/b") == "two/b"
    assert await desk.answer("two/unlisted") == "two/unlisted"
    desk.providers.set_routing("two/b", {})
    assert await desk.answer("b") == "two/b"
    assert await desk.answer("maker/c") == "two/maker/c"


async def test_names_of_old_programs_go_to_the_default_model(desk: Desk) -> None:
    desk.set_up("one", desk.serve("nomic-embed-text", "llama", "qwen").base_url)
    assert await desk.answer("gpt-4-turbo") == "one/llama"
    desk.providers.set_routing("one/qwen", {})
    assert await desk.answer("gpt-4-1106-preview") == "one/qwen"
    desk.providers.set_routing("qwen", {})
    assert await desk.answer("gpt-3.5-turbo") == "one/qwen"
    desk.providers.set_routing("", {})
    assert await desk.answer("gpt-4o") == "deskside/deskside-reader"
    assert await desk.answer("llama") == "one/llama"


async def test_openais_small_model_is_the_one_to_begin_with(desk: Desk) -> None:
    provider = desk.serve("whisper-1", "gpt-3.5-turbo", "gpt-5.2", "gpt-5-mini")
    desk.set_up("openai", provider.base_url, kind="openai")
    assert await desk.answer("gpt-4-1106-preview") == "openai/gpt-5-mini"
    assert await desk.answer("gpt-3.5-turbo") == "openai/gpt-3.5-turbo"


async def test_the_table_says_which_model_answers_a_name(desk: Desk) -> None:
    desk.set_up("one", desk.serve("a", "gpt-4").base_url)
    desk.set_up("two", desk.serve("b").base_url)
    names = {"gpt-4": "two/b", "gpt-4o": "deskside-reader", "gpt-4-turbo": "local/smol", "a": "gpt-4"}
    desk.providers.set_routing("one/a", names)
    assert await desk.answer("gpt-4") == "two/b"
    assert await desk.answer("gpt-4o") == "deskside/deskside-reader"
    assert await desk.answer("gpt-4-turbo") == "local/smol"
    assert await desk.answer("a") == "one/gpt-4"  # a table is asked once


async def test_a_question_meant_for_one_who_is_gone_goes_to_nobody_else(desk: Desk) -> None:
    desk.set_up("one", desk.serve("a").base_url)
    with pytest.raises(ModelError, match=r"no provider is called 'ollama'.* Choose another model"):
        await desk.answer("ollama/llama3.2")
    desk.providers.set_routing("ollama/llama3.2", {})
    with pytest.raises(ModelError, match=r"default model 'ollama/llama3\.2' is no longer there"):
        await desk.answer("gpt-4")
    with pytest.raises(ModelError, match="No model x"):
        await (await desk.choice().choose("local/x")).model()


async def test_a_provider_that_never_answered_says_itself_what_it_has(desk: Desk) -> None:
    desk.set_up("one", f"http://127.0.0.1:{closed_port()}/v1")
    assert await desk.answer("gpt-4") == "one/gpt-4"


async def test_a_change_counts_for_the_next_question_and_what_runs_goes_on(desk: Desk) -> None:
    first, second = desk.serve("a"), desk.serve("a")
    choice = desk.choice()
    providers = choice._providers
    providers.put("one", ProviderChange(base_url=first.base_url, key=SecretStr("sk-first-0123456789")))
    before = await (await choice.choose("one/a")).model()
    providers.put("one", ProviderChange(base_url=second.base_url, key=SecretStr("sk-second-0123456789")))
    after = await (await choice.choose("one/a")).model()
    for model in (after, before):
        assert isinstance(model, RemoteModel)
        assert [part async for part in model.stream(question())]
    assert (first.keys, second.keys) == (["sk-first-0123456789"], ["sk-second-0123456789"])
    providers.remove("one")
    assert (await choice.choose("one/a")).source.id == "deskside"


async def test_models_are_listed_with_who_would_answer(desk: Desk) -> None:
    desk.set_up("one", desk.serve("a", "text-embedding-3-small", "two/x").base_url, name="One")
    desk.set_up("two", desk.serve("b").base_url, name="Two")
    models = {model["id"]: model["deskside"] for model in await desk.choice().list_models()}
    assert list(models) == ["deskside-reader", "a", "one/two/x", "two/b", "local/smol"]
    assert (models["a"]["provider_name"], models["a"]["where"], models["a"]["runs_here"]) == (
        "One",
        THIS_COMPUTER,
        True,
    )
    shown = await desk.choice().who_answers("gpt-4")
    assert (shown.provider_id, shown.name, shown.where) == ("one", "a", THIS_COMPUTER)
    assert (await desk.choice().who_answers("local/smol")).provider_id == "local"
    with pytest.raises(ModelError, match="No model gone"):
        await desk.choice().who_answers("local/gone")


async def test_what_a_provider_said_last_is_listed_when_it_is_down(desk: Desk) -> None:
    with ScriptedProvider([Turn("Fine.")], models=["a"]) as provider:
        desk.set_up("one", provider.base_url)
        listed = await desk.choice().list_models()
        assert [model["deskside"]["is_stale"] for model in listed[1:2]] == [False]
    desk.set_up("two", desk.serve("b").base_url)
    listed = await desk.choice().list_models()  # as after a new start
    stale = {model["id"]: model["deskside"]["is_stale"] for model in listed}
    assert stale == {"deskside-reader": False, "a": True, "two/b": False, "local/smol": False}


async def test_a_broken_memory_of_lists_is_begun_anew(desk: Desk) -> None:
    (desk.folder / "model-lists.json").write_text("{")
    desk.set_up("one", desk.serve("a").base_url)
    assert "a" in [model["id"] for model in await desk.choice().list_models()]
    assert "a" in (desk.folder / "model-lists.json").read_text()


async def test_a_list_is_asked_for_again_when_it_is_wanted(desk: Desk) -> None:
    provider = desk.serve("a")
    desk.set_up("one", provider.base_url)
    choice = desk.choice()
    await choice.list_models()
    provider.models = ["a", "b"]
    assert "b" not in [model["id"] for model in await choice.list_models()]
    assert "b" in [model["id"] for model in await choice.list_models(refresh=True)]


async def test_the_default_model_nobody_chose_is_told(desk: Desk) -> None:
    assert (await desk.choice().routing()).default_model == ""
    desk.set_up("one", desk.serve("a").base_url)
    choice = desk.choice()
    assert (await choice.routing()).default_model == "one/a"
    assert await choice.provider_host() == ""
    desk.set_up("two", "https://models.example.org:8443/v1")
    desk.providers.set_routing("two/x", {})
    assert await choice.provider_host() == "models.example.org:8443"
    desk.providers.set_routing("", {})
    assert await choice.provider_host() == ""
    desk.environment = {"provider_url": "https://gateway.example.org/v1"}
    assert await desk.choice().provider_host() == "gateway.example.org"
