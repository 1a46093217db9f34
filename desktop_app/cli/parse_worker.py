"""`deskside parse-worker`: the hidden entry of the process that reads files."""

import argparse

from desktop_app.documents.parsing import worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memory-mb", type=int, required=True)


def run(arguments: argparse.Namespace) -> int:
    return worker.run(arguments.memory_mb)
