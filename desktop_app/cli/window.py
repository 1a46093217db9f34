"""Open the window; what `deskside` does without a command."""

import argparse
import sys
from pathlib import Path

from desktop_app.settings.paths import DataDir, default_data_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where everything is kept (default: your own)")
    parser.add_argument(
        "--file",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        metavar="F",
        dest="files",
        help="files or folders to add to the documents, as if dropped on the window",
    )


def run(arguments: argparse.Namespace) -> int:
    missing = [str(path) for path in arguments.files if not path.exists()]
    if missing:
        print(f"No such file: {', '.join(missing)}", file=sys.stderr)
        return 2
    try:
        from desktop_app.window.app import run as run_window
    except ImportError as error:
        print(
            f"Deskside can't open its window: {error}.\n"
            'Ask in the terminal instead: deskside ask --file FILE "QUESTION"\n'
            "What works on this computer: deskside doctor",
            file=sys.stderr,
        )
        return 1
    data_dir = (arguments.data_dir or default_data_dir()).expanduser().absolute()
    try:
        DataDir(data_dir).create()
    except OSError as error:
        print(f"The data folder {data_dir} can't be used: {error.strerror}.", file=sys.stderr)
        return 1
    return run_window(data_dir, [path.absolute() for path in arguments.files])
