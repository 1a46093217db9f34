"""Whether Qt can start on this computer."""

from PySide6 import __version__
from PySide6.QtGui import QGuiApplication


def describe_platform() -> str:
    """Such as "6.11.3 on xcb"; Qt ends the process when there is no platform to start on."""
    application = QGuiApplication([])
    return f"{__version__} on {application.platformName()}"
