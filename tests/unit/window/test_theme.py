import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from desktop_app.window.theme import DARK, LIGHT, Colours, Theme, contrast, interface_font, palette, style_sheet

READABLE = 4.5
VISIBLE = 3.0

TEXT_ON_GROUND = [
    *[(text, ground) for text in ("text", "muted") for ground in ("window", "base", "raised", "selected", "bubble")],
    ("text", "mark"),
    ("accent", "window"),
    ("accent", "base"),
    ("accent", "selected"),
    ("accent", "bubble"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    *[(report, ground) for report in ("danger", "warning", "success") for ground in ("window", "base", "selected")],
]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_every_text_is_readable_on_its_ground(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= READABLE


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["window", "base"])
def test_a_focus_ring_stands_out_from_its_ground(colours: Colours, ground: str) -> None:
    assert contrast(colours.accent, getattr(colours, ground)) >= VISIBLE


def test_contrast_is_that_of_the_accessibility_guidelines() -> None:
    assert contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)


def test_the_environment_overrules_the_system(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_THEME", "dark")
    assert Theme().colours is DARK
    monkeypatch.setenv("DESKSIDE_THEME", "light")
    assert Theme().colours is LIGHT


def test_a_system_that_says_nothing_gets_the_light_palette(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESKSIDE_THEME", raising=False)
    assert Theme().colours is LIGHT


def test_a_switch_of_the_palette_is_told_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_THEME", "light")
    theme = Theme()
    changes: list[Colours] = []
    theme.changed.connect(lambda: changes.append(theme.colours))
    theme.use(DARK)
    theme.use(DARK)
    theme.use(LIGHT)
    assert changes == [DARK, LIGHT]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_palette_and_style_sheet_use_the_colours(qapp: object, colours: Colours) -> None:
    assert palette(colours).window().color() == colours.window
    assert colours.accent.name() in style_sheet(colours)


def test_the_font_is_the_one_we_ship(qapp: object) -> None:
    assert interface_font().family() == "Inter"
