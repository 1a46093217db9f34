"""The process: its line, its end, its lock, its reasons not to start."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from desktop_app.settings.program import program_command
from desktop_app.store.upgrade import upgrade_database
from tests.service.conftest import sdk
from tests.support.service_process import KEY, STOP_TIMEOUT_S, ServiceProcess


def run_serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`deskside serve` that is expected to end by itself."""
    return subprocess.run(
        program_command("serve", *arguments),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "DESKSIDE_API_KEY": KEY, **environment},
    )


def test_it_prints_one_line_with_its_address_and_key_and_notes_the_address(service: ServiceProcess) -> None:
    note = json.loads((service.data_dir / "service.json").read_text())
    assert service.api_key == KEY
    assert note == {"pid": service.process.pid if service.process else 0, "base_url": service.base_url}


def test_it_ends_in_order_when_asked_and_takes_its_note_away(service: ServiceProcess) -> None:
    assert service.stop() == 0
    assert not (service.data_dir / "service.json").exists()


def test_it_ends_in_order_while_a_client_listens_to_the_feed(service: ServiceProcess) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.stream("GET", f"{service.base_url}/deskside/events", headers=headers, timeout=30) as feed:
        assert feed.status_code == 200
        assert service.stop() == 0


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path / "data")
    service.start("--with-parent")
    process = service.process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(STOP_TIMEOUT_S) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_a_second_service_on_the_same_folder_says_so(service: ServiceProcess) -> None:
    second = run_serve("--data-dir", str(service.data_dir))
    assert second.returncode == 3
    assert second.stdout == ""
    assert "Another Deskside service is using" in second.stderr


def test_a_killed_service_leaves_the_folder_free(service: ServiceProcess) -> None:
    service.restart()
    with sdk(service) as client:
        assert client.models.list().data


def test_everything_in_the_data_folder_is_for_its_owner_only(service: ServiceProcess) -> None:
    with sdk(service) as client:
        client.files.create(file=("a.txt", b"text"), purpose="assistants")
    for path in [service.data_dir, *service.data_dir.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_without_a_keyring_each_start_makes_a_key(tmp_path: Path) -> None:
    keys = set()
    for _ in range(2):
        environment = {"DESKSIDE_API_KEY": "", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        service = ServiceProcess(tmp_path / "data", environment)
        service.start()
        keys.add(service.api_key)
        service.stop()
        assert service.api_key not in service.log()
    assert len(keys) == 2
    assert all(len(key) > 30 for key in keys)


@pytest.mark.skipif(os.name == "nt", reason="permissions of folders differ")
def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    ended = run_serve("--data-dir", str(place))
    assert ended.returncode == 1
    assert str(place) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deskside.sqlite3").write_bytes(b"this is no database" * 300)
    ended = run_serve("--data-dir", str(tmp_path))
    assert ended.returncode == 1
    assert "can't be opened" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (tmp_path / "deskside.sqlite3").read_bytes() == b"this is no database" * 300


def test_a_library_of_a_newer_version_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "deskside.sqlite3"
    upgrade_database(path, tmp_path / "backups")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    ended = run_serve("--data-dir", str(tmp_path))
    assert ended.returncode == 1
    assert "newer version of Deskside" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("content", "told"), [('{"parse_timeout_s": -1}', "parse_timeout_s"), ("{", "settings.json")])
def test_wrong_settings_are_told(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    ended = run_serve("--data-dir", str(tmp_path))
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_told(service: ServiceProcess, tmp_path: Path) -> None:
    port = service.base_url.split(":")[2].removesuffix("/v1")
    ended = run_serve("--data-dir", str(tmp_path / "other"), "--port", port)
    assert ended.returncode == 1
    assert f"Port {port}" in ended.stderr
