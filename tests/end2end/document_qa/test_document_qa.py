"""A public program for the Assistants API runs unchanged, except for the address of its service."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.support.service_process import ServiceProcess

PROGRAM = Path(__file__).with_name("program.py")
REQUIREMENTS = ("openai==1.40.0", "httpx<0.28")
"""This openai passes an argument to httpx that newer versions took away."""

DOCUMENTS = [
    Path(__file__).parents[2] / "data/kerberos" / name for name in ("concepts.pdf", "building.pdf", "user-guide.pdf")
]


@pytest.fixture(scope="session")
def old_python(pytestconfig: pytest.Config) -> Path:
    """The interpreter of an environment with the old SDK, made once and kept in pytest's cache folder."""
    folder = pytestconfig.cache.mkdir("document-qa") / f"openai-1.40-python{sys.version_info.minor}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (
        subprocess.run([python, "-c", "import openai"], capture_output=True, check=False).returncode
        if python.exists()
        else True
    ):
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True, timeout=240)
    return python


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_program_prints_the_right_answers(tmp_path: Path, model_files: ModelFiles, old_python: Path) -> None:
    service = ServiceProcess(tmp_path / "data")
    service.start()
    try:
        ran = subprocess.run(
            [
                old_python,
                PROGRAM,
                "Where do most installations recommend that you place the kdestroy command?",
                "Which command makes a specified credential cache the primary cache for the collection?",
                *DOCUMENTS,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "OPENAI_BASE_URL": service.base_url, "OPENAI_API_KEY": service.api_key},
        )
    finally:
        service.stop()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    asked, followed_up = ran.stdout.split("\nfollow-up:")
    assert asked.startswith("batch: completed 3 of 3\nanswer:")
    assert ".logout file" in asked
    assert "kswitch" in followed_up
    assert ran.stdout.count("deleted: True") == 2
    assert "Traceback" not in service.log(), service.log()
