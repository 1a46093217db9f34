"""The real service in a process of its own, over a temporary data folder."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.support.service_process import ServiceProcess


@pytest.fixture
def service(tmp_path: Path, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    """A running service; the test fails when its log holds a traceback."""
    process = ServiceProcess(tmp_path / "data")
    process.start()
    try:
        yield process
    finally:
        process.stop()
    assert "Traceback" not in process.log(), process.log()


@pytest.fixture
def client(service: ServiceProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=service.base_url, api_key=service.api_key, max_retries=0) as sdk:
        yield sdk
