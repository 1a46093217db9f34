"""Sessions at every level that this machine offers; a machine that offers none fails these tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from desktop_app.interpreter import levels
from desktop_app.interpreter.base import CellResult
from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.manager import CodeSessionManager

OFFERS = levels.offers()[0]
Run = Callable[..., Awaitable[CellResult]]


@pytest.fixture(params=OFFERS, ids=lambda offer: offer.level)
def offer(request: pytest.FixtureRequest) -> Offer:
    return request.param


@pytest.fixture
async def sessions(offer: Offer, tmp_path: Path) -> AsyncIterator[CodeSessionManager]:
    manager = CodeSessionManager(tmp_path / "code", offers=[offer], with_spare=False)
    yield manager
    await manager.close()
    assert not any((tmp_path / "code").iterdir())
