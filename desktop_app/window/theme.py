"""The look: two palettes of our own, one accent, the font, and the few lines of style sheet that Fusion needs.

Qt's own colour schemes do nothing without a desktop's theme, so both palettes are ours; the system decides only
which one is used (`DESKSIDE_THEME=light|dark` overrules it; a system that doesn't say gets light).
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.settings.paths import resources_dir

RADIUS = 8
"""Corner radius of panes, rows and buttons, in device-independent pixels."""

SPACING = 8
"""The unit of the layout's grid: gaps are multiples of it."""


@dataclass(frozen=True)
class Colours:
    """One palette. Every pair of text and ground that the window uses has a contrast of 4.5:1 or more."""

    dark: bool
    window: QColor
    base: QColor
    """Ground of lists, inputs, pages of text."""
    raised: QColor
    """Ground of code, table heads, hovered rows."""
    border: QColor
    text: QColor
    muted: QColor
    """Second lines, captions, placeholders."""
    accent: QColor
    """Links, icons of the selected row, focus rings, the Send button's ground."""
    accent_hover: QColor
    on_accent: QColor
    selected: QColor
    """Ground of the selected row and of citation chips; `accent` and `text` are readable on it."""
    bubble: QColor
    """Ground of the person's own messages."""
    mark: QColor
    """Ground of a cited passage in a text."""
    danger: QColor
    warning: QColor
    success: QColor


def _colours(dark: bool, **names: str) -> Colours:
    return Colours(dark=dark, **{name: QColor(value) for name, value in names.items()})


LIGHT = _colours(
    dark=False,
    window="#f4f5f7",
    base="#ffffff",
    raised="#eceef2",
    border="#d5d9e0",
    text="#1b1f26",
    muted="#586170",
    accent="#1f5fd0",
    accent_hover="#184fb0",
    on_accent="#ffffff",
    selected="#e1ebfd",
    bubble="#e6eefc",
    mark="#ffe58a",
    danger="#b3261e",
    warning="#855300",
    success="#1a7338",
)

DARK = _colours(
    dark=True,
    window="#1a1c20",
    base="#212429",
    raised="#2b2f36",
    border="#3a404a",
    text="#e8eaee",
    muted="#a3abb8",
    accent="#74aaff",
    accent_hover="#93bdff",
    on_accent="#0b1830",
    selected="#263750",
    bubble="#2a3240",
    mark="#5f4b10",
    danger="#ff9a91",
    warning="#ecbd62",
    success="#74c994",
)


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2, 1 to 21."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


class Theme(QObject):
    """The palette in use: `Theme.current().colours`; widgets that paint themselves repaint on `changed`."""

    changed = Signal()

    _current: ClassVar["Theme | None"] = None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.colours = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    @classmethod
    def current(cls) -> "Theme":
        """The application's theme, made at the first call; needs a QApplication."""
        if cls._current is None:
            cls._current = cls()
        return cls._current

    def apply(self) -> None:
        """Dress the application: style, font, palette, style sheet."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setStyle("Fusion")
        app.setFont(interface_font())
        self._dress(app)

    def use(self, colours: Colours) -> None:
        """Switch to the other palette."""
        if colours is self.colours:
            return
        self.colours = colours
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._dress(app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        app.setPalette(palette(self.colours))
        app.setStyleSheet(style_sheet(self.colours))

    def _scheme_changed(self) -> None:
        self.use(self._wanted())

    @staticmethod
    def _wanted() -> Colours:
        named = os.environ.get("DESKSIDE_THEME", "").lower()
        if named in ("light", "dark"):
            return DARK if named == "dark" else LIGHT
        return DARK if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


@cache
def _font_family() -> str:
    families: list[str] = []
    for path in sorted((resources_dir() / "fonts").glob("Inter-*.?tf")):
        families += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    return "Inter" if "Inter" in families else QGuiApplication.font().family()


def interface_font(points: float = 10.5, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The window's font (Inter, which the program ships with) in a size and weight."""
    font = QFont(_font_family())
    font.setPointSizeF(points)
    font.setWeight(weight)
    return font


def palette(colours: Colours) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.base,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Button: colours.base,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.danger,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.Accent: colours.accent,
        QPalette.ColorRole.Light: colours.raised,
        QPalette.ColorRole.Midlight: colours.raised,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Dark: colours.border,
        QPalette.ColorRole.Shadow: colours.border,
    }
    result = QPalette()
    for role, colour in roles.items():
        result.setColor(role, colour)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, colours.muted)
    return result


def style_sheet(colours: Colours) -> str:
    """The rules for what a palette can't say. Classes: `pane` (a framed list), `primary`, `quiet`, `heading`."""
    c = {name: value.name() for name, value in vars(colours).items() if isinstance(value, QColor)}
    return f"""
    QToolTip {{ color: {c["text"]}; background: {c["raised"]}; border: 1px solid {c["border"]}; padding: 4px 6px; }}
    QMainWindow::separator, QSplitter::handle {{ background: transparent; }}
    QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox {{ background: {c["base"]}; color: {c["text"]};
        border: 1px solid {c["border"]}; border-radius: 6px; padding: 5px 8px;
        placeholder-text-color: {c["muted"]};
        selection-background-color: {c["accent"]}; selection-color: {c["on_accent"]}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus,
        QAbstractSpinBox:focus {{ border-color: {c["accent"]}; }}
    QAbstractSpinBox:disabled {{ color: {c["muted"]}; background: {c["window"]}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QAbstractSpinBox {{ padding: 4px 0; }}
    QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; padding: 0; background: transparent; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QListWidget[class="pages"] {{ background: transparent; border: none; outline: none; }}
    QListWidget[class="pages"]::item {{ padding: 9px 10px; border-radius: {RADIUS}px; color: {c["text"]};
        border: 1px solid transparent; }}
    QListWidget[class="pages"]::item:selected {{ background: {c["selected"]}; }}
    QListWidget[class="pages"]::item:selected:focus {{ border-color: {c["accent"]}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QProgressBar {{ background: {c["raised"]}; border: none; border-radius: 2px; }}
    QProgressBar::chunk {{ background: {c["accent"]}; border-radius: 2px; }}
    [class="pane"] {{ background: {c["base"]}; border: 1px solid {c["border"]}; border-radius: {RADIUS}px; }}
    [class="pane"]:focus {{ border-color: {c["accent"]}; }}
    [class="heading"] {{ color: {c["muted"]}; }}
    QPushButton {{ background: {c["base"]}; color: {c["text"]}; border: 1px solid {c["border"]};
        border-radius: {RADIUS}px; padding: 6px 14px; }}
    QPushButton:hover {{ background: {c["raised"]}; }}
    QPushButton:focus {{ border: 1px solid {c["accent"]}; }}
    QPushButton:disabled {{ color: {c["muted"]}; background: {c["window"]}; }}
    QPushButton[class="primary"] {{ background: {c["accent"]}; color: {c["on_accent"]}; border-color: {c["accent"]}; }}
    QPushButton[class="primary"]:hover {{ background: {c["accent_hover"]}; }}
    QPushButton[class="primary"]:focus {{ border: 2px solid {c["text"]}; padding: 5px 13px; }}
    QPushButton[class="primary"]:disabled {{ background: {c["raised"]}; color: {c["muted"]};
        border-color: {c["raised"]}; }}
    QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }}
    QToolButton:hover {{ background: {c["raised"]}; }}
    QToolButton:focus {{ border-color: {c["accent"]}; }}
    QToolButton:pressed, QToolButton:checked {{ background: {c["selected"]}; }}
    QMenuBar {{ background: {c["window"]}; }}
    QMenuBar::item {{ padding: 5px 9px; border-radius: 6px; background: transparent; }}
    QMenuBar::item:selected {{ background: {c["raised"]}; color: {c["text"]}; }}
    QMenu {{ background: {c["base"]}; color: {c["text"]}; border: 1px solid {c["border"]}; padding: 5px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {c["selected"]}; color: {c["text"]}; }}
    QMenu::item:disabled {{ color: {c["muted"]}; }}
    QMenu::separator {{ height: 1px; background: {c["border"]}; margin: 5px 8px; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
    QScrollBar::handle {{ background: {c["border"]}; border-radius: 4px; min-height: 28px; min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {c["muted"]}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; border: none; width: 0; height: 0; }}
    """
