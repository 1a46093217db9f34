"""Run coroutine tests on the window's own kind of event loop: qasync's, without a screen."""

import asyncio
import os
from collections.abc import Callable
from contextvars import Context

import pytest
import qasync

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_applications: list[object] = []


class _Loop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """Goes on while pytest-qt handles Qt's events between a test and its fixtures, when no loop is running."""

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        def as_running(*args: object) -> object:
            if self.is_running():
                return callback(*args)
            asyncio._set_running_loop(self)
            try:
                return callback(*args)
            finally:
                asyncio._set_running_loop(None)

        handle: asyncio.Handle = super().call_later(delay, as_running, *args, context=context)
        return handle


def _loop() -> asyncio.AbstractEventLoop:
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        _applications.append(QApplication(["deskside"]))
    return _Loop(QApplication.instance())


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """pytest-asyncio's hook; import it into a conftest to give its folder this loop."""
    return {"qasync": _loop}
