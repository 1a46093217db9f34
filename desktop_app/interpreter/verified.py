"""Whether the attacks were refused on this very machine: what turns the interpreter on where its walls are untried."""

import platform

from desktop_app import __version__
from desktop_app.settings.paths import code_dir

_NAME = "self-test-passed"


def remember() -> None:
    """All attacks were refused: by this version of ours, on this version of the system."""
    code_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    (code_dir() / _NAME).write_text(_these(), "utf-8")


def holds() -> bool:
    try:
        return (code_dir() / _NAME).read_text("utf-8") == _these()
    except OSError:
        return False


def _these() -> str:
    return f"{__version__} {platform.platform()}"
