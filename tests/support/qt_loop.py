"""Run coroutine tests on the window's own kind of event loop: qasync's, without a screen."""

import asyncio
import os
from collections.abc import Callable

import pytest
import qasync

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_applications: list[object] = []


def _loop() -> asyncio.AbstractEventLoop:
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        _applications.append(QApplication(["deskside"]))
    return qasync.QEventLoop(QApplication.instance())


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """pytest-asyncio's hook; import it into a conftest to give its folder this loop."""
    return {"qasync": _loop}
