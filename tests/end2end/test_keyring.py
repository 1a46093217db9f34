"""The service's key in a real Secret Service keyring, in a D-Bus session of the test's own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = f"{shlex.quote(sys.executable)} -m desktop_app"

pytestmark = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="needs gnome-keyring and dbus, which packaging/test installs",
)


def in_session(home: Path, script: str) -> str:
    """What `script` prints in a session with an unlocked keyring that lives in `home`."""
    unlock = 'printf "test" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DESKSIDE_", "DBUS_"))}
    answer = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", f"{unlock}\n{script}"],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home)},
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


SERVE = f"""
exec 3< <({PROGRAM} serve --data-dir "$HOME/library"); pid=$!
read -r line <&3; echo "$line"; kill $pid; wait $pid || true
"""


def test_the_key_is_made_once_kept_in_the_keyring_and_printed_on_demand(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    first = json.loads(in_session(tmp_path, SERVE))["api_key"]
    second = json.loads(in_session(tmp_path, SERVE))["api_key"]
    printed = in_session(tmp_path, f"{PROGRAM} key").strip()
    assert first == second == printed
    files = [path for path in (tmp_path / "library").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if first.encode() in path.read_bytes()]


def test_the_doctor_names_the_keyring(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    report = in_session(tmp_path, f"{PROGRAM} doctor --data-dir $HOME/library || true")
    assert "✓ Keyring       SecretService Keyring" in report
