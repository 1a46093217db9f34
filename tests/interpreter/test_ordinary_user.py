"""The same tests as a user without privileges, as whom most people run the program; for when they are run as root."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = ("test_attacks.py", "test_cells.py", "test_files.py", "test_hostile_workers.py", "test_refusals.py")


@pytest.mark.skipif(os.getuid() != 0, reason="these tests are being run as an ordinary user already")
@pytest.mark.timeout(600)
def test_an_ordinary_user_is_as_safe_as_root() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folder is closed to others
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        tests = [*(str(HERE / name) for name in FILES), "-q", "-p", "no:cacheprovider", f"--basetemp={home / 'tests'}"]
        command = [sys.executable, "-m", "tests.support.ordinary_user", str(home), sys.executable, "-m", "pytest"]
        done = subprocess.run([*command, *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout.splitlines()[-1]
