"""`deskside key`: print the key that the local service demands, for programs that are to use it."""

import argparse
import os
import sys

from desktop_app.settings.secrets import SERVICE_KEY, NoKeyringError, read_secret


def add_arguments(_: argparse.ArgumentParser) -> None: ...


def run(_: argparse.Namespace) -> int:
    """0 with the key on stdout, 1 when there is none that lasts."""
    try:
        key = os.environ.get("DESKSIDE_API_KEY") or read_secret(SERVICE_KEY)
    except NoKeyringError as error:
        print(
            f"deskside key: {error} Each start of `deskside serve` makes a fresh key and prints it; "
            "set DESKSIDE_API_KEY to choose one.",
            file=sys.stderr,
        )
        return 1
    if not key:
        print("deskside key: there is no key yet; the first `deskside serve` makes it.", file=sys.stderr)
        return 1
    print(key)
    return 0
