import pytest
from PySide6.QtGui import QColor

from desktop_app.settings.paths import resources_dir
from desktop_app.window.icons import icon, pixmap

NAMES = sorted(path.stem for path in (resources_dir() / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_each_icon_is_drawn_in_the_colour_asked_for(qapp: object, name: str) -> None:
    image = pixmap(name, QColor("#ff0000"), 32).toImage()
    inked = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert inked
    assert all(colour.red() > 240 and colour.green() < 16 and colour.blue() < 16 for colour in inked)


def test_an_icon_is_drawn_once_and_then_remembered(qapp: object) -> None:
    first = pixmap("send", QColor("#123456"))
    assert pixmap("send", QColor("#123456")) is first
    assert pixmap("send", QColor("#654321")) is not first


def test_icons_are_sharp_on_dense_screens(qapp: object) -> None:
    image = pixmap("send", QColor("#000000"), 18, ratio=2.0)
    assert (image.width(), image.devicePixelRatio()) == (36, 2.0)


def test_a_missing_icon_is_named(qapp: object) -> None:
    with pytest.raises(FileNotFoundError, match=r"no-such-icon\.svg"):
        icon("no-such-icon", QColor("#000000"))
