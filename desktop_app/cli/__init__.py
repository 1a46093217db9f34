"""The command line, and the one place that puts the rooms together; each command imports what it needs, lazily."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from desktop_app import __version__

COMMANDS = {
    "serve": "run the local service alone: the Assistants API v2 on this machine",
}
"""Each command is a module of this package with `add_arguments(parser)` and `run(arguments) -> exit code`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named in `arguments` (default: the process's own); without one, open the window."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="deskside", description="Ask your documents.")
    parser.add_argument("--version", action="version", version=f"deskside {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in arguments:
            import_module(f"desktop_app.cli.{name}").add_arguments(command)
    parsed = parser.parse_args(arguments)
    module = import_module(f"desktop_app.cli.{parsed.command or 'window'}")
    return int(module.run(parsed))
