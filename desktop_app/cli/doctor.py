"""`deskside doctor`: what works on this computer, each with the remedy when it does not."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app import __version__
from desktop_app.settings import paths
from desktop_app.settings.program import program_command

if TYPE_CHECKING:
    from desktop_app.models.providers.registry import Providers
    from desktop_app.wire.models import Provider

PROBE_TIMEOUT_S = 30
LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is set when something should be done, `needed` when nothing works without."""

    what: str
    state: str
    remedy: str = ""
    needed: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, default=None, help="the data folder to look at")
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="attack the sandbox of the code interpreter, and print what came of it",
    )
    parser.add_argument("--json", action="store_true", help="print the self-test as one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Print one line per finding; 0 when all that is needed works, else 1."""
    if arguments.self_test:
        from desktop_app.cli import self_test

        return self_test.run(arguments.json)
    folder = paths.DataDir(arguments.data_dir or paths.default_data_dir())
    checks: tuple[Callable[[paths.DataDir], Finding], ...] = (
        _window,
        _keyring,
        _sandbox,
        _model_files,
        _local_models,
        _provider,
        _data_dir,
        _database,
    )
    python = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    print(f"Deskside {__version__} on Python {python}, {sys.platform}")
    findings = list(_each(checks, folder))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark = "!" if finding.remedy else "✓"
        print(f"{mark} {finding.what:<{width}}  {finding.state}")
        if finding.remedy:
            print(f"  {'':<{width}}  → {finding.remedy}")
    return 1 if any(finding.needed and finding.remedy for finding in findings) else 0


def _each(checks: tuple[Callable[[paths.DataDir], Finding], ...], folder: paths.DataDir) -> Iterator[Finding]:
    for check in checks:
        try:
            yield check(folder)
        except Exception as error:  # the doctor reports what is broken instead of breaking with it
            yield Finding(check.__name__.strip("_"), f"{type(error).__name__}: {error}", "Please report this.")


def _window(_: paths.DataDir) -> Finding:
    """Qt aborts the process when its platform cannot start, so a child tries."""
    try:
        probe = subprocess.run(
            program_command("probe-window"), capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding("Window", "Qt did not start in time", "Check that the display answers (DISPLAY).")
    if probe.returncode == 0:
        return Finding("Window", f"Qt {probe.stdout.strip()}")
    reason = (probe.stderr.strip().splitlines() or ["no reason given"])[0]
    return Finding(
        "Window",
        f"can't be opened: {reason}",
        "Start it on a desktop, or use `deskside ask` and `deskside serve`, which need no screen.",
    )


def _keyring(_: paths.DataDir) -> Finding:
    from desktop_app.settings import secrets

    name = secrets.backend_name()
    try:
        secrets.read_secret(secrets.SERVICE_KEY)
    except secrets.NoKeyringError as error:
        return Finding("Keyring", name if name == "none" else f"{name}, which does not open", str(error))
    return Finding("Keyring", name)


def _sandbox(_: paths.DataDir) -> Finding:
    from desktop_app.interpreter import levels

    found, reason = levels.offers()
    if not found:
        return Finding("Code sandbox", levels.unavailable(reason), levels.remedy(None))
    return Finding("Code sandbox", levels.sandbox(found[0]).message, levels.remedy(found[0]))


def _model_files(_: paths.DataDir) -> Finding:
    from desktop_app.documents.model_files import ModelFiles

    files = ModelFiles(paths.models_dir())
    if files.state.state == "ready":
        return Finding("Search model", f"ready in {paths.models_dir()}", needed=True)
    return Finding(
        "Search model", "not there yet", "Run `deskside fetch-model-files` once, with network.", needed=True
    )


def _local_models(folder: paths.DataDir) -> Finding:
    import asyncio

    from desktop_app.models.local.source import LocalSource

    source = LocalSource(paths.models_dir(), folder.root, idle_s=1, changed=lambda _: None)
    found = asyncio.run(source.overview())
    if not found.available:
        return Finding("Local models", "can't run here", found.reason)
    broken = [model.error for model in found.models if model.error]
    return Finding("Local models", f"{len(found.models) - len(broken)} can answer", " ".join(broken))


def _provider(folder: paths.DataDir) -> Finding:
    import asyncio

    from desktop_app.models.providers.registry import Providers
    from desktop_app.settings.options import Settings
    from desktop_app.wire.errors import ApiError

    try:
        providers = Providers(Settings.load(folder.root), folder.root)
        shown = providers.all()
    except (ValueError, ApiError) as error:
        return Finding("Answers", "the settings can't be read", f"Correct {folder.root / 'settings.json'}: {error}")
    if not shown:
        return Finding("Answers", "from the built-in reader; nothing leaves this computer")

    async def ask_all() -> list[tuple[str, str]]:
        return await asyncio.gather(*(_asked(providers, each) for each in shown))

    answers = asyncio.run(ask_all())
    return Finding("Answers", "; ".join(state for state, _ in answers), " ".join(filter(None, dict(answers).values())))


async def _asked(providers: "Providers", provider: "Provider") -> tuple[str, str]:
    """What a provider is and whether it answers; and the remedy if it does not."""
    from desktop_app.models.base import ModelError
    from desktop_app.models.providers.address import without_user
    from desktop_app.models.providers.connections import Connections

    keys = {"none": "no key", "environment": "key in the environment", "keyring": "key in the keyring"}
    where = without_user(provider.base_url)
    who = f"from {where}" if provider.id == "environment" else f"from {provider.name} at {where}"
    key = keys.get(provider.key.place, "")
    connections = Connections(providers.settings)
    try:
        models = await connections.get(provider, providers.key(provider.id)).list_models()
    except ModelError as error:
        return f"{who}, which does not answer ({key})", error.message
    finally:
        await connections.close()
    return f"{who} ({len(models)} models, {key})", ""


def _data_dir(folder: paths.DataDir) -> Finding:
    try:
        folder.create()
    except OSError as error:
        return Finding(
            "Data folder", f"{folder.root}: {error.strerror}", "Choose another with DESKSIDE_DATA_DIR.", True
        )
    free = shutil.disk_usage(folder.root).free
    remedy = "Free some space: documents and their index need it." if free < LOW_DISK_BYTES else ""
    return Finding("Data folder", f"{folder.root} ({free / 1e9:.1f} GB free)", remedy)


def _database(folder: paths.DataDir) -> Finding:
    from desktop_app.store.upgrade import LibraryTooNewError, check_database

    if not folder.database.exists():
        return Finding("Database", "not there yet; the first start makes it")
    try:
        trouble = check_database(folder.database)
    except LibraryTooNewError as error:
        return Finding("Database", "written by a newer version", str(error), needed=True)
    if trouble:
        remedy = f"Close Deskside and copy the newest file of {folder.backups} over {folder.database}."
        return Finding("Database", trouble, remedy, needed=True)
    return Finding("Database", f"sound, {folder.database.stat().st_size / 1e6:.1f} MB", needed=True)
