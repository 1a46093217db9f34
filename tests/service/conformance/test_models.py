"""/models"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("retrieveModel", None, 404, "model"),
    ("deleteModel", None, 404, "model"),
]
NEVER_REFUSED = ["listModels"]
"""It takes nothing; a provider that can't be reached is another matter (test_provider_faults.py)."""
NEVER_ANSWERED = ["deleteModel"]
"""No model is ours to delete (docs/protocol.md; tests/service/test_models.py)."""


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("listModels", "retrieveModel")
def test_models_are_listed_and_read(stage: Stage) -> None:
    models = stage.client.models
    assert [each.id for each in models.list().data] == ["deskside-reader", "scripted"]
    assert models.retrieve("scripted").id == "scripted"
