"""Models: the reader's and the provider's, by any name that a provider gives them."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import sdk
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

NAMES = ("gpt-x", "maker/model:7b", "ünsers/größe 1?")


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[openai.OpenAI]:
    """The SDK for a service whose provider has models of odd names."""
    folder: Path = tmp_path_factory.mktemp("models")
    with (
        ScriptedProvider([Turn("Fine.")], models=NAMES) as provider,
        ServiceProcess(folder / "data", {"DESKSIDE_PROVIDER_URL": provider.base_url}) as service,
        sdk(service) as client,
    ):
        yield client


def test_the_providers_models_are_listed_behind_the_reader(provided: openai.OpenAI) -> None:
    assert [model.id for model in provided.models.list()] == ["deskside-reader", *NAMES]


@pytest.mark.parametrize("name", ["deskside-reader", *NAMES])
def test_a_model_is_found_by_its_name_and_can_t_be_deleted(provided: openai.OpenAI, name: str) -> None:
    assert provided.models.retrieve(name).id == name
    with pytest.raises(openai.PermissionDeniedError, match="can't be deleted here: it belongs to"):
        provided.models.delete(name)
    assert provided.models.retrieve(name).id == name


@pytest.mark.parametrize("name", ["gpt-y", "maker", "maker/", "a/b/c"])
def test_an_unknown_model_is_not_found(provided: openai.OpenAI, name: str) -> None:
    for call in (provided.models.retrieve, provided.models.delete):
        with pytest.raises(openai.NotFoundError, match="does not exist") as refusal:
            call(name)
        assert refusal.value.code == "model_not_found"


@pytest.mark.parametrize("name", NAMES)
def test_the_model_of_a_run_is_the_one_that_is_asked(provided: openai.OpenAI, name: str) -> None:
    assistant = provided.beta.assistants.create(model="another")
    run = provided.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, model=name, thread={"messages": [{"role": "user", "content": "Hello?"}]}
    )
    shown = run.to_dict()
    assert (shown["status"], shown["model"]) == ("completed", name)
    assert shown["deskside"]["answered_by"] == name  # type: ignore[index, call-overload]
