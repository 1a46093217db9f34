"""`deskside fetch-model-files`: obtain the model files for search, with progress."""

import argparse
import sys

from desktop_app.documents.model_files import ModelFiles, ModelFilesError
from desktop_app.settings.paths import models_dir
from desktop_app.wire.extensions import ModelFilesState


def add_arguments(_: argparse.ArgumentParser) -> None: ...


def run(_: argparse.Namespace) -> int:
    """0 when they are there, 1 when they can't be had."""
    files = ModelFiles(models_dir())
    if files.state.state == "ready":
        return 0
    print(f"Obtaining the model files for search (once, about 85 MB) into {files.folder}", file=sys.stderr)
    shown = -1

    def report(state: ModelFilesState) -> None:
        nonlocal shown
        if (percent := int(state.progress * 100)) >= shown + 10:
            shown = percent
            print(f"  {state.state} {percent} %", file=sys.stderr)

    try:
        files.ensure(report)
    except ModelFilesError as error:
        print(f"deskside: {error}", file=sys.stderr)
        return 1
    return 0
