"""Keys in the operating system's keyring: the only file that imports keyring, the only place where keys rest.

Calls block (a keyring may ask the person to unlock it): never call them on a UI or event-loop thread.
"""

from functools import cache
from types import ModuleType

SERVICE_KEY = "service"
_SERVICE = "deskside"


class NoKeyringError(Exception):
    """This machine offers no keyring, or it stays locked; the message says what to do."""


def read_secret(name: str) -> str | None:
    """The stored key, or None when there is none; raises NoKeyringError."""
    keyring = _keyring()
    try:
        stored: str | None = keyring.get_password(_SERVICE, name)
    except Exception as error:  # backends raise what their system does, beside keyring's own errors
        raise NoKeyringError(_remedy()) from error
    return stored


def write_secret(name: str, value: str) -> None:
    """Store or replace a key; raises NoKeyringError."""
    keyring = _keyring()
    try:
        keyring.set_password(_SERVICE, name, value)
    except Exception as error:  # likewise, such as a key that is too long for Windows
        raise NoKeyringError(_remedy()) from error


def delete_secret(name: str) -> None:
    """Remove a key; nothing happens when there is none; raises NoKeyringError."""
    keyring = _keyring()
    try:
        keyring.delete_password(_SERVICE, name)
    except keyring.errors.PasswordDeleteError:
        return
    except Exception as error:  # likewise
        raise NoKeyringError(_remedy()) from error


def backend_name() -> str:
    """The keyring in use, as a person would name it; "none" when there is none."""
    return str(_keyring().get_keyring().name) if has_keyring() else "none"


def has_keyring() -> bool:
    """Whether there is a keyring, locked or not."""
    return not type(_keyring().get_keyring()).__module__.startswith("keyring.backends.fail")


@cache
def _keyring() -> ModuleType:
    """Imported at the first use: it takes 0.1 s and looks for backends, which a start need not wait for."""
    import keyring.errors

    return keyring


def _remedy() -> str:
    return (
        "No unlocked keyring was found. On Linux install and unlock gnome-keyring or KWallet; "
        "until then keys last for one session only."
    )
