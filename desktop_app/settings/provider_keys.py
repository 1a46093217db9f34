"""Each provider's key: in the keyring, or in memory for this session where no keyring takes it.

Calls block, as those of `secrets` do.
"""

import threading
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from desktop_app.settings.secrets import NoKeyringError, delete_secret, has_keyring, read_secret, write_secret

MAX_KEY_CHARS = 4096
_SHOWN_CHARS = 4
_LONG_ENOUGH = 12
"""Of a shorter key nothing is shown."""


class KeyFormatError(Exception):
    """The text can be no key; the message says why, and never holds it."""


@dataclass(frozen=True)
class HeldKey:
    """A key and where it is. `value` is empty where there is none."""

    value: SecretStr
    place: Literal["none", "keyring", "session", "environment"]

    @classmethod
    def of(cls, key: str, place: Literal["keyring", "session", "environment"]) -> "HeldKey":
        return cls(SecretStr(key), place) if key else NO_KEY

    @property
    def ending(self) -> str:
        """Its last characters, by which a person tells keys apart."""
        key = self.value.get_secret_value()
        return key[-_SHOWN_CHARS:] if len(key) >= _LONG_ENOUGH else ""


NO_KEY = HeldKey(SecretStr(""), "none")


class ProviderKeys:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._session: dict[str, SecretStr] = {}
        self._lock = threading.Lock()

    def get(self, provider_id: str) -> HeldKey:
        """The key of this session, else the keyring's; none where the keyring can't be opened."""
        with self._lock:
            held = self._session.get(provider_id)
        if held is not None:
            return HeldKey(held, "session")
        try:
            stored = read_secret(secret_name(provider_id))
        except NoKeyringError:
            return NO_KEY
        return HeldKey.of(stored or "", "keyring")

    def set(self, provider_id: str, text: str) -> None:
        """Keep a key in the keyring, or for this session where that can't be; "" removes it.

        Raises KeyFormatError, and NoKeyringError where a locked keyring can't be told to remove one.
        """
        key = clean_key(text)
        if not key:
            self.remove(provider_id)
            return
        try:
            write_secret(secret_name(provider_id), key)
        except NoKeyringError:
            with self._lock:
                self._session[provider_id] = SecretStr(key)
        else:
            with self._lock:
                self._session.pop(provider_id, None)

    def remove(self, provider_id: str) -> None:
        """Raises NoKeyringError where a keyring is locked, which may hold it."""
        if has_keyring():
            delete_secret(secret_name(provider_id))
        with self._lock:
            self._session.pop(provider_id, None)


def secret_name(provider_id: str) -> str:
    """What the provider's key is called in the keyring."""
    return f"provider:{provider_id}"


def clean_key(text: str) -> str:
    """The key without the blanks and line ends around it; raises KeyFormatError."""
    key = text.strip()
    if len(key) > MAX_KEY_CHARS:
        raise KeyFormatError(f"This is longer than a key can be ({MAX_KEY_CHARS:,} characters). Copy the key alone.")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyFormatError(
            "This holds characters that no key has, such as line ends, blanks or accents. Copy the key again, alone."
        )
    return key
