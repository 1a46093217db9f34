"""What a confined process may still do."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses sockets to a process")


@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        ("1500", ["refused", "refused", "refused"]),
        ("local_sockets=True", ["refused", "refused", "made"]),
    ],
)
def test_a_confined_process_has_no_network(arguments: str, outcomes: list[str]) -> None:
    code = (
        f"import socket; from desktop_app.settings.confinement import confine; confine({arguments})\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):\n"
        "    try: socket.socket(family).close(); print('made')\n"
        "    except PermissionError: print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == outcomes
