"""Proves that a test marked with `answers` saw what it says."""

from collections.abc import Iterator

import pytest

from tests.support import protocol


@pytest.fixture(autouse=True)
def _answered(request: pytest.FixtureRequest) -> Iterator[None]:
    marker = request.node.get_closest_marker("answers")
    before = len(protocol.checked)
    yield
    seen = {operation for operation, status in protocol.checked[before:] if status == 200}
    assert marker is None or set(marker.args) <= seen, f"not answered: {set(marker.args) - seen}"
