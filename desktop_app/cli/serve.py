"""`deskside serve`: the service alone, without a window."""

import argparse
import gc
import logging
import sys
from pathlib import Path

from desktop_app.settings import paths
from desktop_app.settings.given_keys import receive_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=0, metavar="P", help="the port on 127.0.0.1; 0, the default: a free one"
    )
    parser.add_argument("--data-dir", type=Path, default=None, metavar="DIR", help="the data folder to serve")
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keys-on-stdin", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """0 after an orderly end, 3 when another service uses the data folder, 1 when this one can't start."""
    # Until it is ready the service makes little but objects that stay: looking for garbage takes a sixth of the time.
    gc.disable()
    if arguments.keys_on_stdin:
        receive_keys(sys.stdin.buffer.readline())
    from desktop_app.service.server import OK, StartError, serve

    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for library in ("alembic", "httpx2"):  # this one logs addresses, which may hold a password
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        serve(arguments.data_dir or paths.default_data_dir(), arguments.port, arguments.with_parent)
    except StartError as error:
        print(f"deskside serve: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130
    return OK
