"""The window's parts, offscreen and on the window's event loop."""

from tests.support.qt_loop import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
