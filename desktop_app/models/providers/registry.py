"""The providers that are set up, with their keys and the routing: read, changed, and told to who wants to know."""

import threading
from pathlib import Path
from typing import cast, get_args

from desktop_app.models.providers.address import clean_address, host_of, origin_of, runs_here, without_user
from desktop_app.models.providers.presets import preset
from desktop_app.settings.json_file import UnreadableFileError
from desktop_app.settings.options import Settings
from desktop_app.settings.provider_keys import NO_KEY, HeldKey, KeyFormatError, ProviderKeys, clean_key
from desktop_app.settings.providers import (
    ENVIRONMENT,
    ProviderFile,
    SavedProvider,
    SavedRouting,
    is_provider_id,
)
from desktop_app.settings.secrets import NoKeyringError
from desktop_app.wire.errors import SERVER_ERROR, ApiError, invalid_value, not_found
from desktop_app.wire.limits import PROVIDERS
from desktop_app.wire.models import Dialect, KeyState, Provider, ProviderChange


class Providers:
    """May be used from any thread but the event loop's: files and the keyring are asked. Raises ApiError."""

    def __init__(self, settings: Settings, data_dir: Path) -> None:
        self.settings = settings
        self.data_dir = data_dir
        self._file = ProviderFile(data_dir)
        self._keys = ProviderKeys()
        self._lock = threading.Lock()

    def all(self) -> list[Provider]:
        """The environment's first, then in the order in which they were set up."""
        return [
            each.model_copy(update={"key": _state(self.key(each.id)), "base_url": without_user(each.base_url)})
            for each in self.addresses()
        ]

    def addresses(self) -> list[Provider]:
        """The same without the state of their keys: the keyring is not asked."""
        return [*self._environments(), *(_shown(each) for each in self._saved())]

    def find(self, provider_id: str) -> Provider | None:
        return next((each for each in self.addresses() if each.id == provider_id), None)

    def key(self, provider_id: str) -> HeldKey:
        if provider_id == ENVIRONMENT:
            key = self.settings.provider_key
            return HeldKey.of(key.get_secret_value() if key else "", "environment")
        return self._keys.get(provider_id)

    def put(self, provider_id: str, change: ProviderChange) -> Provider:
        """Set up or change a provider; a key that is given replaces the present one, "" removes it."""
        _check_id(provider_id)
        with self._lock:
            saved = self._saved()
            before = next((each for each in saved if each.id == provider_id), None)
            if before is None and len(saved) >= PROVIDERS:
                raise ApiError(f"More than {PROVIDERS} providers can't be set up. Remove one first.")
            base_url = clean_address(change.base_url, change.kind)
            if before is not None and change.key is None:
                self.check_destination(before.base_url, base_url, provider_id)
            fields = {
                "id": provider_id,
                "name": change.name.strip() or preset(change.kind).name,
                "kind": change.kind,
                "base_url": base_url,
                "wire": change.wire,
            }
            after = before.model_copy(update=fields) if before is not None else SavedProvider.model_validate(fields)
            if change.key is not None:
                self._set_key(provider_id, change.key.get_secret_value())
            self._save([after if each is before else each for each in saved] + ([after] if before is None else []))
        return _shown(after).model_copy(update={"key": _state(self.key(provider_id))})

    def on_trial(self, change: ProviderChange, provider_id: str = "") -> tuple[Provider, HeldKey]:
        """A provider as `change` describes it, kept nowhere; with the stored key of `provider_id` if none is given."""
        shown = Provider(
            id=provider_id or "trial",
            name=change.name.strip() or preset(change.kind).name,
            kind=change.kind,
            base_url=clean_address(change.base_url, change.kind),
            wire=change.wire,
        )
        if change.key is not None:
            try:
                return shown, HeldKey.of(clean_key(change.key.get_secret_value()), "session")
            except KeyFormatError as error:
                raise invalid_value(str(error), "key") from error
        stored = self.find(provider_id) if provider_id else None
        if stored is None:
            return shown, NO_KEY
        self.check_destination(stored.base_url, shown.base_url, provider_id)
        return shown, self.key(provider_id)

    def remove(self, provider_id: str) -> None:
        """The provider and its key."""
        with self._lock:
            saved = self._saved()
            if provider_id not in [each.id for each in saved]:
                raise not_found("provider", provider_id)
            self._set_key(provider_id, "")
            self._save([each for each in saved if each.id != provider_id])

    def check_destination(self, before: str, after: str, provider_id: str) -> None:
        """A key goes to the host only that it was entered for."""
        if origin_of(before) != origin_of(after) and self.key(provider_id).place != "none":
            raise invalid_value(
                f"The key that is kept was entered for {host_of(before)}. Enter the key for {host_of(after)} again.",
                "key",
            )

    def routing(self) -> SavedRouting:
        try:
            return self._file.routing()
        except UnreadableFileError as error:
            raise _broken_file(error) from error

    def set_routing(self, default_model: str | None, names: dict[str, str]) -> None:
        """`default_model` "" is the reader; None, or the reader where there is no provider, chooses nobody."""
        with self._lock:
            before = self.routing()
            chosen = None if default_model == "" and not self._saved() else default_model
            try:
                self._file.save_routing(before.model_copy(update={"default_model": chosen, "names": names}))
            except (OSError, UnreadableFileError) as error:
                raise _broken_file(error) from error

    def _environments(self) -> list[Provider]:
        url = self.settings.provider_url
        if not url:
            return []
        return [
            Provider(
                id=ENVIRONMENT,
                name=host_of(url) or url,
                base_url=url,
                wire=self.settings.provider_wire,
                runs_here=runs_here(url),
            )
        ]

    def _saved(self) -> list[SavedProvider]:
        try:
            return self._file.providers()
        except UnreadableFileError as error:
            raise _broken_file(error) from error

    def _save(self, providers: list[SavedProvider]) -> None:
        try:
            self._file.save_providers(providers)
        except (OSError, UnreadableFileError) as error:
            raise _broken_file(error) from error

    def _set_key(self, provider_id: str, key: str) -> None:
        try:
            self._keys.set(provider_id, key)
        except KeyFormatError as error:
            raise invalid_value(str(error), "key") from error
        except NoKeyringError as error:
            raise ApiError(f"The key could not be removed. {error}", param="key") from error


def _check_id(provider_id: str) -> None:
    if provider_id == ENVIRONMENT:
        raise ApiError(
            "This provider comes from the environment (DESKSIDE_PROVIDER_URL and its key). Change it there.",
            param="provider_id",
        )
    if not is_provider_id(provider_id):
        raise invalid_value(
            f"'{provider_id[:64]}' can't name a provider. Use small letters, digits and '-', 40 at most.",
            "provider_id",
        )


def _shown(saved: SavedProvider) -> Provider:
    return Provider(
        **saved.model_dump(include={"id", "name", "base_url", "wire"}),
        kind=cast("Dialect", saved.kind) if saved.kind in get_args(Dialect) else "other",  # of a later version
        runs_here=runs_here(saved.base_url),
    )


def _state(key: HeldKey) -> KeyState:
    return KeyState(place=key.place, ending=key.ending)


def _broken_file(error: Exception) -> ApiError:
    return ApiError(str(error), status=500, type=SERVER_ERROR)
