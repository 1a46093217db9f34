"""The whole program: the real window with its real service."""

from tests.support.qt_loop import pytest_asyncio_loop_factories
from tests.window.conftest import nothing_is_left_behind, open_window

__all__ = ["nothing_is_left_behind", "open_window", "pytest_asyncio_loop_factories"]
