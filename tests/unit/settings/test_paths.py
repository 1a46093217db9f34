"""Folders, readable by their owner only."""

import stat
from pathlib import Path

import pytest

from desktop_app.settings import paths


def test_the_data_folder_and_its_rooms_belong_to_the_owner_alone(tmp_path: Path) -> None:
    folder = paths.DataDir(tmp_path / "données" / "deskside")
    folder.create()
    for path in (folder.root, folder.files, folder.index, folder.backups, folder.logs):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_the_environment_names_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(tmp_path))
    assert paths.default_data_dir() == tmp_path


def test_model_files_are_shared_by_all_data_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DESKSIDE_MODELS_DIR", raising=False)
    before = paths.models_dir()
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(tmp_path))
    assert paths.models_dir() == before


def test_the_resources_are_there() -> None:
    assert (paths.resources_dir() / "samples" / "samples.json").is_file()
