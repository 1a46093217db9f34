"""The doctor, run as a person would run it."""

import json
import os
import subprocess
from pathlib import Path

from desktop_app.settings.program import program_command
from tests.support.gguf import gguf
from tests.support.remote import KEY
from tests.support.scripted_provider import ScriptedProvider, Turn


def _doctor(data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program_command("doctor", "--data-dir", str(data_dir)),
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | environment,
        check=False,
    )


def test_it_names_every_part_and_breaks_on_none(tmp_path: Path) -> None:
    report = _doctor(tmp_path)
    for part in (
        "Window",
        "Keyring",
        "Code sandbox",
        "Search model",
        "Local models",
        "Answers",
        "Data folder",
        "Database",
    ):
        assert part in report.stdout
    assert "Sandbox: " in report.stdout
    assert "Please report this" not in report.stdout
    assert report.returncode == 0, report.stdout


def test_a_window_that_cannot_open_comes_with_a_remedy(tmp_path: Path) -> None:
    report = _doctor(tmp_path, QT_QPA_PLATFORM="no-such-platform")
    assert "! Window" in report.stdout
    assert "deskside ask" in report.stdout


def test_a_local_model_that_can_t_be_used_comes_with_its_reason(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "whole.gguf").write_bytes(gguf())
    (models / "broken.gguf").write_bytes(gguf(missing=10))
    report = _doctor(tmp_path / "data", DESKSIDE_MODELS_DIR=str(models))
    assert "! Local models 1 can answer" in " ".join(report.stdout.split())
    assert "broken.gguf is not whole" in report.stdout


def test_a_provider_that_is_down_is_told_in_words(tmp_path: Path) -> None:
    report = _doctor(tmp_path, DESKSIDE_PROVIDER_URL="http://127.0.0.1:9/v1")
    assert "http://127.0.0.1:9/v1, which does not answer" in report.stdout


def test_a_data_folder_that_cannot_be_made_fails_the_report(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = _doctor(tmp_path / "file" / "folder")
    assert "! Data folder" in report.stdout
    assert report.returncode == 1


def test_a_damaged_database_fails_the_report(tmp_path: Path) -> None:
    (tmp_path / "deskside.sqlite3").write_bytes(b"nothing a database would hold" * 200)
    report = _doctor(tmp_path)
    assert "damaged" in report.stdout
    assert report.returncode == 1


def test_providers_are_named_with_what_they_answer_and_without_their_keys(tmp_path: Path) -> None:
    with ScriptedProvider([Turn("Fine.")], models=["a", "b"]) as provider:
        shown = {"id": "company", "name": "Company", "base_url": provider.base_url}
        (tmp_path / "settings.json").write_text(json.dumps({"providers": [shown]}))
        report = _doctor(tmp_path, DESKSIDE_PROVIDER_URL="http://me:secret@127.0.0.1:9/v1", DESKSIDE_PROVIDER_KEY=KEY)
    assert f"from Company at {provider.base_url} (2 models, no key)" in report.stdout
    assert "http://127.0.0.1:9/v1, which does not answer (key in the environment)" in report.stdout
    assert KEY not in report.stdout + report.stderr
    assert "secret" not in report.stdout + report.stderr


def test_settings_that_can_t_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"providers": [1]}')
    report = _doctor(tmp_path)
    assert "the settings can't be read" in report.stdout
    assert str(tmp_path / "settings.json") in report.stdout
