"""Keys that come in the environment. Children inherit it, and other programs can read theirs: so a process takes them
out of its own when it starts, and hands those that the service needs to it through its standard input.
"""

import json
import os

SERVICE_VARIABLE, PROVIDER_VARIABLE = "DESKSIDE_API_KEY", "DESKSIDE_PROVIDER_KEY"
_OURS = (SERVICE_VARIABLE, PROVIDER_VARIABLE)
_OTHERS = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "AZURE_OPENAI_API_KEY", "OPENROUTER_API_KEY")
"""Of other programs: not ours to use, nor for our workers to see."""

_taken: dict[str, str] = {}


def take_keys() -> None:
    """Take the keys out of this process's environment; `given_key` still answers ours."""
    for name in (*_OURS, *_OTHERS):
        value = os.environ.pop(name, "")
        if value and name in _OURS:
            _taken[name] = value


def given_key(variable: str) -> str | None:
    """The key that the environment gave, or whoever started this process; None where there is none."""
    return os.environ.get(variable) or _taken.get(variable)


def environment_without_keys() -> dict[str, str]:
    """For a child of ours."""
    return {name: value for name, value in os.environ.items() if name not in (*_OURS, *_OTHERS)}


def keys_to_hand_over() -> bytes:
    """The line that a service with `--keys-on-stdin` reads first."""
    return json.dumps({name: key for name in _OURS if (key := given_key(name))}).encode() + b"\n"


def receive_keys(line: bytes) -> None:
    """Take the keys from such a line; what is none is ignored."""
    try:
        handed = json.loads(line)
    except ValueError:
        return
    if isinstance(handed, dict):
        _taken.update({name: key for name in _OURS if isinstance(key := handed.get(name), str)})
