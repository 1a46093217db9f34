"""The keys of the service and of providers in a real Secret Service keyring, in a D-Bus session of the test's own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripted_provider import ScriptedProvider, Turn

KEY = "sk-planted-0123456789"
PROGRAM = f"{shlex.quote(sys.executable)} -m desktop_app"

pytestmark = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="needs gnome-keyring and dbus, which packaging/test installs",
)


def in_session(home: Path, script: str, *, locked: bool = False) -> str:
    """What `script` prints in a session with a keyring that lives in `home`, and is unlocked if not `locked`."""
    unlock = (
        f'printf "test" | gnome-keyring-daemon {"" if locked else "--unlock"} --components=secrets >/dev/null 2>&1'
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DESKSIDE_", "DBUS_", "PYTHON_KEYRING_"))
    }
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


REQUEST = """
import sys, urllib.error, urllib.request
method, address, key, body = sys.argv[1:]
request = urllib.request.Request(address, body.encode(), {"Authorization": f"Bearer {key}"}, method=method)
try:
    answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
except urllib.error.HTTPError as refusal:
    answer = refusal
print(answer.read().decode())
"""


def serving(body: str) -> str:
    """A script that runs `body` beside a service; `api METHOD PATH BODY` prints what it answers, on one line."""
    return f"""
exec 3< <({PROGRAM} serve --data-dir "$HOME/library"); pid=$!
IFS='"' read -r _ _ _ url _ _ _ key _ <&3
api() {{ {shlex.quote(sys.executable)} -c {shlex.quote(REQUEST)} "$1" "$url/deskside/$2" "$key" "$3"; }}
{body}
kill $pid; wait $pid || true
"""


def test_a_provider_s_key_is_kept_used_and_removed_on_either_way(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with ScriptedProvider([Turn("yes")], models=["a"]) as provider:
        change = json.dumps({"base_url": provider.base_url, "name": "Company"})
        tried = json.dumps({"base_url": provider.base_url, "id": "company"})
        printed = in_session(
            tmp_path,
            f"echo ' {KEY} ' | {PROGRAM} key set company --data-dir $HOME/library\n"
            + serving(
                f"api PUT providers/company '{change}'\napi POST providers/test '{tried}'\n"
                f"{PROGRAM} key list --data-dir $HOME/library\n"
                f"echo '{KEY}-2' | {PROGRAM} key set company\napi POST providers/test '{tried}'\n"
                f"{PROGRAM} key remove company\napi GET providers ''\n"
            ),
        )
        before = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert before[0]["key"] == {"place": "keyring", "ending": KEY[-4:]}
    assert [tested["ok"] for tested in before[1:3]] == [True, True]
    assert before[3]["data"][0]["key"]["place"] == "none"
    assert provider.keys == [KEY, f"{KEY}-2"]
    assert f"company: is in the keyring, ending in {KEY[-4:]}" in printed
    assert KEY not in printed


def test_a_key_that_came_over_http_lasts_and_goes_with_its_provider(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    change = json.dumps({"base_url": "http://127.0.0.1:9/v1", "key": KEY})
    in_session(tmp_path, serving(f"api PUT providers/company '{change}'"))
    printed = in_session(tmp_path, serving("api GET providers ''\napi DELETE providers/company ''"))
    shown = json.loads(printed.splitlines()[0])
    assert shown["data"][0]["key"] == {"place": "keyring", "ending": KEY[-4:]}
    assert "has no key" not in in_session(tmp_path, f"{PROGRAM} key list --data-dir $HOME/library")
    left = in_session(
        tmp_path, serving(f"api PUT providers/company '{json.dumps({'base_url': 'http://127.0.0.1:9/v1'})}'")
    )
    assert json.loads(left)["key"]["place"] == "none"
    files = [path for path in (tmp_path / "library").rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("key", ["", "two words", "a\nb", "schlüssel"])
def test_what_is_no_key_is_refused_on_the_terminal(tmp_path: Path, key: str) -> None:
    tmp_path.chmod(0o700)
    refused = f"printf '%s' '{key}' | {PROGRAM} key set company 2>&1 || {PROGRAM} key set A/B 2>&1 </dev/null || true"
    printed = in_session(tmp_path, refused)
    assert "deskside key: " in printed
    assert "Traceback" not in printed
    assert not key or key not in printed


def test_while_the_keyring_is_locked_a_key_lasts_for_the_session(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    in_session(tmp_path, f"echo {KEY}-old | {PROGRAM} key set company")
    change = json.dumps({"base_url": "http://127.0.0.1:9/v1", "key": KEY})
    requests = serving(f"api PUT providers/company '{change}'\napi DELETE providers/company ''")
    made, removed = map(json.loads, in_session(tmp_path, requests, locked=True).splitlines())
    assert made["key"] == {"place": "session", "ending": KEY[-4:]}
    assert "could not be removed. No unlocked keyring was found" in removed["error"]["message"]


def test_without_a_keyring_the_terminal_says_so(tmp_path: Path) -> None:
    for action in (["set", "company"], ["remove", "company"], ["list"]):
        ended = subprocess.run(
            [sys.executable, "-m", "desktop_app", "key", *action],
            input=KEY,
            capture_output=True,
            text=True,
            env=os.environ | {"HOME": str(tmp_path)},
            timeout=60,
            check=False,
        )
        if action[0] != "remove":  # where there is no keyring, there is nothing to remove
            assert (ended.returncode, "No unlocked keyring" in ended.stderr) == (1, True)
        assert KEY not in ended.stdout + ended.stderr
