"""The line icons of `resources/icons`, each by its name, tinted with a colour of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_app.settings.paths import resources_dir

SIZE = 18
"""Edge of an icon in device-independent pixels, unless another is asked for."""


def icon(name: str, colour: QColor, disabled: QColor | None = None, size: int = SIZE) -> QIcon:
    """The icon `resources/icons/<name>.svg` in `colour`, sharp on screens of 1x and 2x.

    Raises FileNotFoundError naming the icon that is missing.
    """
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, colour, size, ratio), QIcon.Mode.Normal)
        if disabled is not None:
            result.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, colour: QColor, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """A drawing of `size` device-independent pixels at the device pixel ratio `ratio`; drawn once, then cached."""
    return _drawn(name, colour.name(), size, ratio)


@lru_cache(maxsize=512)
def _drawn(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    svg = _source(name).replace(b"currentColor", colour.encode())
    image = QPixmap(QSize(size, size) * ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@lru_cache(maxsize=128)
def _source(name: str) -> bytes:
    return (resources_dir() / "icons" / f"{name}.svg").read_bytes()
