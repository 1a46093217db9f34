"""Pictures that a cell shows: open figures, `plt.show()`, and values that know how to be a PNG."""

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_PER_CELL = 20
MAX_PIXELS = 40_000_000
_current: "Figures | None" = None


def show_open() -> None:
    """Show all open figures now, as `plt.show()` does."""
    if _current is not None:
        _current.show_open()


def draw_unseen() -> None:
    """Draw the open figures for nobody, and close them; what drawing needs is loaded then."""
    pyplot = sys.modules["matplotlib.pyplot"]
    pyplot.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close("all")


class Figures:
    """Collects the pictures of a cell; matplotlib is used only when code has imported it."""

    def __init__(self, show: Callable[[bytes], None]) -> None:
        global _current
        self._show = show
        self._count = 0
        _current = self

    def begin(self) -> None:
        self._count = 0

    def show_open(self) -> None:
        """Show all open figures and close them."""
        if (pyplot := sys.modules.get("matplotlib.pyplot")) is None:
            return
        try:
            for number in pyplot.get_fignums():
                figure = pyplot.figure(number)
                if figure.axes or figure.texts or figure.lines or figure.images or figure.patches:
                    self._draw(figure)
        finally:
            pyplot.close("all")

    def take(self, value: Any) -> bool:
        """Whether `value` is itself a picture, which is then shown in place of its text."""
        to_png = getattr(type(value), "_repr_png_", None)
        if to_png is None:
            return False
        png = to_png(value)
        if not isinstance(png, bytes):
            return False
        self._add(png)
        return True

    def _draw(self, figure: "Figure") -> None:
        width, height = figure.get_size_inches() * figure.dpi
        if width * height > MAX_PIXELS:
            sys.stdout.write(f"A figure of {width:.0f} x {height:.0f} pixels is too large to show.\n")
            return
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", bbox_inches="tight")
        self._add(drawn.getvalue())

    def _add(self, png: bytes) -> None:
        self._count += 1
        if self._count <= MAX_PER_CELL:
            self._show(png)
        elif self._count == MAX_PER_CELL + 1:
            sys.stdout.write(f"Only the first {MAX_PER_CELL} pictures of a cell are shown.\n")
