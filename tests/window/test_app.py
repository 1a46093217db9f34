"""The program as it is started: a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and displays of POSIX")


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    return kept | {"DESKSIDE_API_KEY": "the-key-of-this-test"} | changes


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "desktop_app", *arguments]


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def _children_once_connected(window: subprocess.Popen[str], data_dir: Path) -> list[psutil.Process]:
    """The window's child processes, when its service has started."""
    deadline = time.monotonic() + 90
    while not (data_dir / "service.json").exists():
        assert time.monotonic() < deadline, "the service did not start"
        assert window.poll() is None
        time.sleep(0.1)
    return psutil.Process(window.pid).children(recursive=True)


@pytest.mark.parametrize("display", ["", ":77"], ids=["no display", "a display that nobody serves"])
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS always has a screen")
def test_without_a_screen_the_way_to_ask_is_named(tmp_path: Path, display: str) -> None:
    told = subprocess.run(
        command("--data-dir", str(tmp_path)),
        env=environment(**({"DISPLAY": display} if display else {})),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert "deskside ask" in told.stderr
    assert "Traceback" not in told.stderr
    assert not told.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
def test_a_signal_closes_the_window_and_its_service_quietly(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        command("--data-dir", str(tmp_path)),
        env=environment(QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as window:
        children = _children_once_connected(window, tmp_path)
        window.send_signal(number)
        out, err = window.communicate(timeout=60)
    assert window.returncode == 0
    assert (out, err) == ("", "")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_when_the_screen_goes_away_the_window_says_so_and_its_service_ends(tmp_path: Path) -> None:
    with (
        subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as screen,
        subprocess.Popen(
            command("--data-dir", str(tmp_path)),
            env=environment(DISPLAY=f":{_first_line(screen)}", QT_QPA_PLATFORM="xcb"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as window,
    ):
        children = _children_once_connected(window, tmp_path)
        screen.kill()
        out, err = window.communicate(timeout=60)
    assert window.returncode == 1
    assert "lost its screen" in err
    assert "Traceback" not in err
    assert not out
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--file", "no-such-file.pdf"], 2, "no-such-file.pdf"),
        (["--data-dir", __file__], 1, "can't be used"),
        (["--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_what_cant_work_is_refused_in_words(arguments: list[str], code: int, words: str) -> None:
    told = subprocess.run(
        command(*arguments),
        env=environment(QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == code
    assert words in told.stderr
    assert "Traceback" not in told.stderr
