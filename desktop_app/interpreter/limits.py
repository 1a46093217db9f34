"""What a session may take: time, memory, disk, output. From the settings where a person may choose."""

from dataclasses import dataclass

from desktop_app.settings.options import Settings

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes."""

    cell_s: float = 60.0
    grace_s: float = 3.0
    """How long an interrupted cell has to stop before its session is ended."""
    idle_s: float = 3600.0
    sessions: int = 4
    memory_bytes: int = 2048 * MB
    file_bytes: int = 256 * MB
    disk_bytes: int = 1024 * MB
    files: int = 5000
    log_bytes: int = 64 * 1024
    """How much of what a cell prints is kept, from its beginning."""
    flood_bytes: int = 64 * MB
    """A session that prints more in one cell is ended."""
    code_bytes: int = 2 * MB
    input_bytes: int = 512 * MB
    inputs_bytes: int = 1024 * MB
    output_files: int = 100

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            cell_s=settings.code_timeout_s,
            idle_s=settings.code_idle_minutes * 60.0,
            sessions=settings.code_sessions,
            memory_bytes=settings.code_memory_mb * MB,
            file_bytes=settings.code_file_mb * MB,
            disk_bytes=settings.code_disk_mb * MB,
        )
