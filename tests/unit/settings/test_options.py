"""Settings come from the environment, else from the folder's file, and say which field is wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from desktop_app.settings.options import Settings


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DESKSIDE_{name.upper()}", raising=False)


def test_without_anything_answers_come_from_the_reader(tmp_path: Path) -> None:
    assert Settings.load(tmp_path).provider_url == ""


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.json").write_text('{"provider_url": "http://file/v1", "parse_timeout_s": 7}')
    monkeypatch.setenv("DESKSIDE_PROVIDER_URL", "http://environment/v1")
    settings = Settings.load(tmp_path)
    assert (settings.provider_url, settings.parse_timeout_s) == ("http://environment/v1", 7)


def test_a_wrong_value_names_its_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_PROVIDER_WIRE", "telegraph")
    with pytest.raises(ValidationError, match="provider_wire"):
        Settings.load(tmp_path)


def test_a_key_does_not_show_when_settings_are_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_PROVIDER_KEY", "sk-planted-0123456789")
    settings = Settings.load(tmp_path)
    assert "planted" not in repr(settings) + str(settings.model_dump())
    assert settings.provider_key is not None
    assert settings.provider_key.get_secret_value() == "sk-planted-0123456789"


def test_a_key_is_never_taken_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"provider_key": "sk-on-disk", "api_key": "on-disk"}')
    settings = Settings.load(tmp_path)
    assert settings.provider_key is None
    assert settings.api_key is None


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
