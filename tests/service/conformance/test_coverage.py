"""The modules of this folder together exercise the whole protocol."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.operations import OPERATIONS
from tests.support.protocol import SPEC

MODULES = [import_module(f"{__package__}.{path.stem}") for path in sorted(Path(__file__).parent.glob("test_*.py"))]


def test_every_operation_is_answered_by_a_test() -> None:
    marks = [mark for module in MODULES for each in vars(module).values() for mark in getattr(each, "pytestmark", ())]
    answered = {operation for mark in marks if mark.name == "answers" for operation in mark.args}
    never = {operation for module in MODULES for operation in getattr(module, "NEVER_ANSWERED", ())}
    assert answered | never == set(OPERATIONS)
    assert not answered & never


def test_every_operation_is_refused_by_a_test() -> None:
    refused = {operation for module in MODULES for operation, *_ in getattr(module, "REFUSED", ())}
    never = {operation for module in MODULES for operation in getattr(module, "NEVER_REFUSED", ())}
    assert refused | never == set(OPERATIONS)
    assert not refused & never


@pytest.mark.skipif(not SPEC.exists(), reason="the official specification is not at hand")
def test_these_are_the_operations_of_the_official_specification() -> None:
    paths = json.loads(SPEC.read_text("utf-8"))["paths"]
    official = {
        each["operationId"]: f"{method.upper()} {path}" for path in paths for method, each in paths[path].items()
    }
    assert official == OPERATIONS
