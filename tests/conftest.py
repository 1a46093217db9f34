"""The model files for search: the same for all test runs and the program itself on this machine, fetched once."""

import os

import pytest

from desktop_app.documents.model_files import ModelFiles
from desktop_app.settings.paths import models_dir

# Tests that move the data folder, and the services they start, still find them.
os.environ.setdefault("DESKSIDE_MODELS_DIR", str(models_dir()))


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    files = ModelFiles(models_dir())
    files.ensure()
    return files
