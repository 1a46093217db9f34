"""The model files for search, and a small language model: the same for all test runs on this machine, fetched once."""

import os
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from desktop_app.documents.model_files import ModelFiles
from desktop_app.models.local.catalogue import catalogue
from desktop_app.models.local.downloads import Downloads
from desktop_app.settings.paths import models_dir

# Tests that move the data folder, and the services they start, still find them.
os.environ.setdefault("DESKSIDE_MODELS_DIR", str(models_dir()))
# The keyring of who runs the tests is not theirs.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    files = ModelFiles(models_dir())
    files.ensure()
    return files


@pytest.fixture(scope="session")
def small_model() -> Path:
    """SmolLM2 of the catalogue, 98 MB; beside the models folder's own files, so that only those have it who ask."""
    known, folder, changed = catalogue()[0], models_dir() / "for-tests", threading.Event()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "fetching.lock"):
        downloads = Downloads(folder, [known], lambda _: changed.set())
        while (state := downloads.start(known.id)).state not in ("ready", "failed"):
            changed.wait()
            changed.clear()
    assert state.state == "ready", state.error
    return folder / known.file
