"""The whole program: the real window with its real service, and old programs of others in front of that service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.environments import Environments
from tests.support.qt_loop import pytest_asyncio_loop_factories
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess
from tests.window.conftest import nothing_is_left_behind, open_window

__all__ = ["nothing_is_left_behind", "open_window", "pytest_asyncio_loop_factories"]


@pytest.fixture(scope="session")
def environments(pytestconfig: pytest.Config) -> Environments:
    """Environments with other SDKs, kept in pytest's cache folder."""
    return Environments(pytestconfig.cache.mkdir("environments"))


@contextmanager
def serving(data_dir: Path, *turns: Turn) -> Iterator[tuple[ServiceProcess, ScriptedProvider]]:
    """A service in front of a provider that plays these turns, with none of them: without a provider."""
    with (
        ScriptedProvider(turns) as provider,
        ServiceProcess(data_dir, {"DESKSIDE_PROVIDER_URL": provider.base_url} if turns else None) as service,
    ):
        yield service, provider
