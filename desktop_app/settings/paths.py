"""Folders of the program: the data folder with its rooms, the model files, and the resources it ships with."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

APP_NAME = "deskside"


@dataclass(frozen=True)
class DataDir:
    """The data folder. Everything in it is readable by its owner only (folders 0700, files 0600)."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "deskside.sqlite3"

    @property
    def lock(self) -> Path:
        return self.root / "service.lock"

    @property
    def service_note(self) -> Path:
        """Where the running service tells other programs its address (never its key)."""
        return self.root / "service.json"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def create(self) -> None:
        """Make the folders that are missing; raises OSError when the place can't be written."""
        os.umask(0o077)
        for folder in (self.root, self.files, self.index, self.backups, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)


def default_data_dir() -> Path:
    """`DESKSIDE_DATA_DIR`, else the place where this system keeps an application's data."""
    named = os.environ.get("DESKSIDE_DATA_DIR")
    return Path(named).expanduser() if named else _user_folder()


def models_dir() -> Path:
    """Model files, shared by all data folders: `DESKSIDE_MODELS_DIR`, else `models/` of the user's own folder."""
    named = os.environ.get("DESKSIDE_MODELS_DIR")
    return Path(named).expanduser() if named else _user_folder() / "models"


def code_dir() -> Path:
    """Where code sessions have their folders: in the user's cache, never within a data folder."""
    import platformdirs

    return platformdirs.user_cache_path(APP_NAME, appauthor=False) / "code"


def _user_folder() -> Path:
    import platformdirs  # 10 ms that a window with a named folder need not spend before it shows

    return platformdirs.user_data_path(APP_NAME, appauthor=False)


def resources_dir() -> Path:
    """The folder `resources/`: beside the package in a checkout, inside it when installed or frozen."""
    if getattr(sys, "frozen", False):
        return Path(sys._MEIPASS) / "resources"  # type: ignore[attr-defined]  # PyInstaller's attribute
    package = Path(__file__).resolve().parents[1]
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
