"""`deskside code-worker`: the hidden entry of the process in which the code interpreter's code runs."""

import argparse

from desktop_app.interpreter import worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none: the host's orders come through the pipe."""


def run(arguments: argparse.Namespace) -> int:
    return worker.run()
