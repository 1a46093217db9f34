"""What matplotlib draws with in the worker (`MPLBACKEND=module://desktop_app.interpreter.backend`): without a window,
and `plt.show()` hands the figures to the cell."""

from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

from desktop_app.interpreter import figures

__all__ = ["FigureCanvas", "show"]


def show(*_: object, **__: object) -> None:
    figures.show_open()
