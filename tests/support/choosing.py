"""A choice of models as the service has it, over settings of the test's own."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from desktop_app.models.base import Model
from desktop_app.models.choice import ModelChoice
from desktop_app.models.providers.registry import Providers
from desktop_app.settings.options import Settings
from tests.support.remote import KEY

NOWHERE = Path(__file__).parent / "no such folder"


def model_choice(reader: Any = None, data_dir: Path = NOWHERE, **settings: Any) -> ModelChoice:
    """Settings by their names; a provider's key is `KEY` if none is given. `data_dir` is where providers are kept."""
    given = {"provider_key": SecretStr(KEY), "provider_url": ""} | settings
    return ModelChoice(Providers(Settings(**given), data_dir), reader)


async def chosen_model(choice: ModelChoice, name: str = "gpt-x") -> Model:
    return await (await choice.choose(name)).model()
