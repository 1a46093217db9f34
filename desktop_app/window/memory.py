"""What the window remembers between starts: its sizes, the selected assistant and thread, unsent drafts."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from desktop_app.settings.paths import DataDir

_VERSION = 1


class Memory:
    """Kept in `window.ini` of the data folder; anything unreadable there counts as not remembered."""

    def __init__(self, data_dir: Path) -> None:
        self._settings = QSettings(str(DataDir(data_dir).root / "window.ini"), QSettings.Format.IniFormat)
        if self._settings.value("version", _VERSION, int) != _VERSION:
            self._settings.clear()
        self._settings.setValue("version", _VERSION)

    def layout(self, name: str) -> QByteArray | None:
        """The saved geometry or splitter sizes of one widget."""
        value = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, name: str, state: QByteArray) -> None:
        self._settings.setValue(f"layout/{name}", state)

    def text(self, name: str) -> str:
        value = self._settings.value(name, "")
        return value if isinstance(value, str) else ""

    def set_text(self, name: str, value: str) -> None:
        """Remember a short text; an empty one is forgotten."""
        if value:
            self._settings.setValue(name, value)
        else:
            self._settings.remove(name)

    def draft(self, thread_id: str | None) -> str:
        return self.text(f"drafts/{thread_id or 'new'}")

    def set_draft(self, thread_id: str | None, text: str) -> None:
        self.set_text(f"drafts/{thread_id or 'new'}", text)

    def save(self) -> None:
        self._settings.sync()
