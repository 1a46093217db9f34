"""settings.json is changed whole or not at all, and never lost."""

import json
import stat
import threading
from pathlib import Path

import pytest

from desktop_app.settings.json_file import JsonFile, UnreadableFileError
from desktop_app.settings.providers import ProviderFile, SavedProvider, SavedRouting, is_provider_id

OLLAMA = SavedProvider(id="ollama", name="Ollama", kind="ollama", base_url="http://localhost:11434/v1")


def test_a_change_keeps_the_other_fields_and_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    file = JsonFile(tmp_path / "settings.json")
    file.path.write_text('{"parse_timeout_s": 7, "of a later version": [1]}')
    file.change({"providers": []})
    assert json.loads(file.path.read_text()) == {"parse_timeout_s": 7, "of a later version": [1], "providers": []}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1', "\udcff", "[" * 100_000])
def test_a_broken_file_is_told_and_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(UnreadableFileError, match=r"settings\.json can't be read"):
        ProviderFile(tmp_path).save_providers([OLLAMA])
    assert path.read_bytes() == before


def test_a_wrong_provider_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"providers": [{"id": "ollama", "name": "Ollama"}]}')
    with pytest.raises(UnreadableFileError, match=r"'providers\.0\.base_url' is wrong"):
        ProviderFile(tmp_path).providers()


def test_providers_and_routing_come_back_with_what_a_later_version_added(tmp_path: Path) -> None:
    file = ProviderFile(tmp_path)
    assert (file.providers(), file.routing()) == ([], SavedRouting())
    provider = SavedProvider.model_validate(OLLAMA.model_dump() | {"colour": "red"})
    file.save_providers([provider])
    file.save_routing(SavedRouting(default_model="ollama/x", names={"gpt-4": "ollama/y"}))
    assert file.providers() == [provider]
    assert file.routing().names == {"gpt-4": "ollama/y"}
    assert "red" in (tmp_path / "settings.json").read_text()


def test_changes_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = JsonFile(tmp_path / "settings.json")
    threads = [threading.Thread(target=file.change, args=({f"field {n}": n},)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(file.read()) == 20


@pytest.mark.parametrize("name", ["", "A", "a/b", "a b", "-a", "a\n", "ü", "a" * 41, "local", "environment"])
def test_what_can_t_name_a_provider(name: str) -> None:
    assert not is_provider_id(name)
    assert is_provider_id("company-2")
