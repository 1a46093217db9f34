"""Hidden: whether Qt can open a window here; asked by the doctor in a process of its own."""

import argparse


def add_arguments(_: argparse.ArgumentParser) -> None: ...


def run(_: argparse.Namespace) -> int:
    from desktop_app.window.probe import describe_platform

    print(describe_platform())
    return 0
