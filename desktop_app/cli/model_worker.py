"""`deskside model-worker`: the hidden entry of the process that runs a language model."""

import argparse

from desktop_app.models.local import worker


def add_arguments(_: argparse.ArgumentParser) -> None: ...


def run(_: argparse.Namespace) -> int:
    return worker.run()
