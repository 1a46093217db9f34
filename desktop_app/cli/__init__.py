"""The command line, and the one place that puts the rooms together.

Each command is a module of this package with `add_arguments(parser)` and `run(arguments) -> exit code`; only the one
that is asked for is imported, so that `serve` never loads Qt and the window never loads the service.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from desktop_app import __version__
from desktop_app.settings.given_keys import take_keys

COMMANDS = {
    "ask": "answer a question from files or folders, in the terminal",
    "serve": "run the local service alone: the Assistants API v2 on this machine",
    "key": "print the key that the local service demands, or keep the keys of providers",
    "doctor": "say what works on this computer, and what to do about the rest",
    "fetch-model-files": "obtain the model files for search once; afterwards no network is needed",
}
HIDDEN = ("code-worker", "model-worker", "parse-worker", "probe-window")
"""Entry points of our own child processes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` begin with (default: the process's own); without one, open the window."""
    take_keys()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and (arguments[0] in COMMANDS or arguments[0] in HIDDEN):
        name = arguments.pop(0)
        parser = argparse.ArgumentParser(prog=f"deskside {name}", description=COMMANDS.get(name))
    else:
        name = "window"
        parser = argparse.ArgumentParser(
            prog="deskside",
            description="Ask your documents. Without a command the window opens.",
            epilog="commands:\n" + "".join(f"  {command:<18} {text}\n" for command, text in COMMANDS.items()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action="version", version=f"deskside {__version__}")
    module = import_module(f"desktop_app.cli.{name.replace('-', '_')}")
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(arguments)))
