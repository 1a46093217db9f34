"""The frame: what is seen before the window is furnished, and what it keeps for the next start."""

from pathlib import Path

from PySide6.QtWidgets import QMainWindow, QPlainTextEdit

from desktop_app.window.frame import START_SIZE, Frame
from desktop_app.window.memory import Memory
from desktop_app.window.theme import Theme
from tests.window.conftest import OpenWindow, close


def test_a_frame_shows_empty_panes_until_it_is_furnished(qapp: object, tmp_path: Path) -> None:
    frame = Frame(Memory(tmp_path))
    frame.show_at_once()
    colours = Theme.current().colours
    drawn = frame.grab().toImage()
    assert drawn.pixelColor(2, 2) == colours.window
    assert all(drawn.pixelColor(x, 400) == colours.base for x in (100, 600, 1200))
    content = QMainWindow()
    frame.furnish(content)
    assert content.isVisible()
    assert content.window() is frame
    frame.hide()
    frame.deleteLater()


def test_a_frame_that_was_closed_before_it_is_furnished_says_so(qapp: object, tmp_path: Path) -> None:
    frame = Frame(Memory(tmp_path))
    frame.show_at_once()
    frame.close()
    assert frame.closed_early
    assert not frame.isVisible()
    frame.deleteLater()


async def test_the_composer_has_the_focus_and_the_size_is_remembered(open_window: OpenWindow) -> None:
    window = await open_window(connected=False)
    frame = window.window()
    assert (frame.width(), frame.height()) == START_SIZE
    assert isinstance(frame.focusWidget(), QPlainTextEdit)
    frame.resize(780, 600)
    await close(window)
    again = await open_window(connected=False)
    assert (again.window().width(), again.window().height()) == (780, 600)
