"""Fonts, colours and measures of the conversation, worked out once per theme."""

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF

from desktop_app.window.theme import Colours, interface_font

COLUMN = 760
"""Widest text column in pixels: longer lines are hard to read."""

MARGIN = 20
"""Least distance of the column from the edges."""

AVATAR = 28
INDENT = AVATAR + 12
"""The assistant's text starts so far to the right of its column."""

BUBBLE_PADDING_X = 14
BUBBLE_PADDING_TOP = 10
BUBBLE_PADDING_BOTTOM = 4
"""Less, as 140 % line height leaves room under the last line."""
GAP = 22
"""Between two messages."""


class Look:
    def __init__(self, colours: Colours) -> None:
        self.colours = colours
        self.font = interface_font()
        self.small = interface_font(9.0)
        self.mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self.chip_font = interface_font(8.5, QFont.Weight.DemiBold)
        self.rule = _mix(colours.muted, colours.window, 0.55 if colours.dark else 0.7)
        """Lines of tables and bars of quotes: at least 3:1 on the window's ground."""
        metrics = QFontMetricsF(self.font)
        self.character = metrics.averageCharWidth()
        self.line = metrics.height() * 1.4
        self.style_sheet = f"""
            p, li {{ line-height: 140%; }}
            p {{ margin: 0 0 10px 0; }}
            ul, ol {{ margin: 0 0 6px 0; }}
            li {{ margin: 0 0 4px 0; }}
            .h1 {{ font-size: 15pt; font-weight: 600; margin: 8px 0 8px 0; }}
            .h2 {{ font-size: 13pt; font-weight: 600; margin: 8px 0 6px 0; }}
            .h3, .h4, .h5, .h6 {{ font-size: 11.5pt; font-weight: 600; margin: 6px 0 6px 0; }}
            strong, th {{ font-weight: 600; }}
            td, th {{ line-height: 115%; text-align: left; }}
            th {{ background-color: {colours.raised.name()}; }}
            a {{ color: {colours.accent.name()}; text-decoration: underline; }}
            code {{ font-family: "{self.mono}"; font-size: 9.5pt; background-color: {colours.raised.name()}; }}
            pre {{ font-family: "{self.mono}"; font-size: 9.5pt; line-height: 130%; margin: 0; }}
        """


def _mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of `one`, the rest of `other`."""
    parts = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]  # stub says object
    return QColor(*(round(a * share + b * (1 - share)) for a, b in parts))
