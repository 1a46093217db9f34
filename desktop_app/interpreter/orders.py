"""What the host tells a worker before anything else: what it may have. Sent as the first frame."""

from dataclasses import asdict, dataclass
from typing import Any

from desktop_app.interpreter.base import Level

DATA = "/mnt/data"
"""The folder's name in the protocol; where code believes that its files are."""


@dataclass(frozen=True)
class Orders:
    level: Level
    data: str
    """The one folder that may be written, as the worker sees it."""
    readable: list[str]
    """Folders and files that may be read: Python itself, the libraries, fonts."""
    memory_bytes: int
    file_bytes: int
    landlock: int
    """The version of Landlock to use; 0: none."""
    host: int
    """The host's process id, which the canary tries to signal."""
    secret: str
    """A file of the host's, which the canary tries to read."""
    home: str

    def fields(self) -> dict[str, Any]:
        return {"kind": "begin"} | asdict(self)

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Orders":
        return cls(**{name: value for name, value in fields.items() if name != "kind"})
