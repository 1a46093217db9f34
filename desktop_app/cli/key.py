"""`deskside key`: print the key that the local service demands; `set`, `remove` and `list` are for providers' keys."""

import argparse
import getpass
import sys
from pathlib import Path

from desktop_app.settings.given_keys import PROVIDER_VARIABLE, SERVICE_VARIABLE, given_key
from desktop_app.settings.json_file import UnreadableFileError
from desktop_app.settings.paths import default_data_dir
from desktop_app.settings.provider_keys import HeldKey, KeyFormatError, ProviderKeys, clean_key, secret_name
from desktop_app.settings.providers import ProviderFile, SavedProvider, is_provider_id
from desktop_app.settings.secrets import SERVICE_KEY, NoKeyringError, read_secret, write_secret

OK, FAILED, BAD_USAGE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(data_dir=None)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="keys of providers")
    for name, text in (
        ("set", "keep a provider's key in the keyring; it is asked for, or read from standard input"),
        ("remove", "remove a provider's key from the keyring"),
        ("list", "say where each provider's key is kept, with its last four characters"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        if name != "list":
            action.add_argument("provider", help="such as openai")
        if name != "remove":
            action.add_argument(
                "--data-dir", type=Path, default=None, metavar="DIR", help="the data folder that names the providers"
            )


def run(arguments: argparse.Namespace) -> int:
    """0 when done, 1 when there is no key or no keyring, 2 for a name that can't be a provider's."""
    try:
        match arguments.action:
            case "set":
                return _set(arguments.provider, _saved(arguments.data_dir))
            case "remove":
                return _remove(arguments.provider)
            case "list":
                return _list(_saved(arguments.data_dir))
            case _:
                return _print_service_key()
    except (NoKeyringError, KeyFormatError, UnreadableFileError) as error:
        return _say(str(error), FAILED)


def _print_service_key() -> int:
    try:
        key = given_key(SERVICE_VARIABLE) or read_secret(SERVICE_KEY)
    except NoKeyringError as error:
        return _say(
            f"{error} Each start of `deskside serve` makes a fresh key and prints it; "
            f"set {SERVICE_VARIABLE} to choose one.",
            FAILED,
        )
    if not key:
        return _say("there is no key yet; the first `deskside serve` makes it.", FAILED)
    print(key)
    return OK


def _set(provider_id: str, saved: list[SavedProvider]) -> int:
    if not is_provider_id(provider_id):
        return _not_a_name(provider_id)
    key = clean_key(getpass.getpass(f"Key of {provider_id}: ") if sys.stdin.isatty() else sys.stdin.read())
    if not key:
        return _say(f"no key was given. To remove one: deskside key remove {provider_id}", BAD_USAGE)
    write_secret(secret_name(provider_id), key)
    print(f"The key of {provider_id} {_in_words(HeldKey.of(key, 'keyring'))}.")
    if provider_id not in [each.id for each in saved]:
        print(f"No provider '{provider_id}' is set up yet: it will be used when there is one.")
    return OK


def _remove(provider_id: str) -> int:
    if not is_provider_id(provider_id):
        return _not_a_name(provider_id)
    ProviderKeys().remove(provider_id)
    print(f"There is no key of {provider_id} any more.")
    return OK


def _list(saved: list[SavedProvider]) -> int:
    read_secret(SERVICE_KEY)  # says so when there is no keyring
    given = given_key(PROVIDER_VARIABLE)
    if given:
        print(f"environment: {_in_words(HeldKey.of(given, 'environment'))}")
    keys = ProviderKeys()
    for provider in saved:
        print(f"{provider.id}: {_in_words(keys.get(provider.id))}")
    if not saved and not given:
        print("No provider is set up.")
    return OK


def _in_words(key: HeldKey) -> str:
    places = {"keyring": "is in the keyring", "environment": f"is in the environment ({PROVIDER_VARIABLE})"}
    ending = f", ending in {key.ending}" if key.ending else ""
    return places.get(key.place, "has no key") + ending


def _saved(data_dir: Path | None) -> list[SavedProvider]:
    return ProviderFile(data_dir or default_data_dir()).providers()


def _not_a_name(provider_id: str) -> int:
    return _say(f"'{provider_id}' is no provider's name; `deskside key list` shows them.", BAD_USAGE)


def _say(text: str, code: int) -> int:
    print(f"deskside key: {text}", file=sys.stderr)
    return code
