"""What can be read, what is loaded when, and how times are said."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import QLocale

from desktop_app.window.conversation import times
from desktop_app.window.conversation.look import COLUMN, Look
from desktop_app.window.conversation.scene import Column
from desktop_app.window.theme import DARK, LIGHT, Colours, contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_chips_and_notes_stand_out_from_their_ground(qapp: object, colours: Colours) -> None:
    assert contrast(Look(colours).rule, colours.window) >= 3
    for ground in (colours.window, colours.bubble, colours.base):
        assert contrast(colours.text, ground) >= 4.5
    assert contrast(colours.accent, colours.selected) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.muted, colours.window) >= 4.5


@pytest.mark.parametrize("width", [1, 200, 760, 800, 1920])
def test_the_column_fits_the_view_and_is_never_too_wide_to_read(width: int) -> None:
    column = Column.within(width)
    assert 0 < column.text_width < column.width <= COLUMN
    assert column.left >= 0
    assert width < 160 or column.left + column.width <= width


def test_the_parser_is_imported_after_the_first_paint() -> None:
    program = """
import sys
from PySide6.QtWidgets import QApplication
from desktop_app.window.conversation import ConversationView, MessageItem
app = QApplication([])
view = ConversationView()
view.set_messages([MessageItem("q", "user", "text")])
view.show()
view.grab()
late = {"markdown_it", "pygments", "pydantic", "openai"}
print(sorted(late & set(sys.modules)))
view.set_messages([MessageItem("a", "assistant", "text")])
print(sorted(late & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "[]\n['markdown_it', 'pygments']\n"


@pytest.fixture
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale.c())
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("english")
def test_times_are_said_as_people_say_them() -> None:
    def at(*moment: int) -> int:
        return int(datetime(*moment).astimezone().timestamp())  # type: ignore[arg-type]  # year, month, day, ...

    now = datetime(2026, 3, 2, 12, 0).astimezone()
    assert times.in_words(at(2026, 3, 2, 9, 41), now).startswith("Today ")
    assert times.in_words(at(2026, 3, 1, 23, 59), now).startswith("Yesterday ")
    assert times.in_words(at(2026, 1, 12, 9, 41), now).startswith("12 January, ")
    assert times.in_words(at(2025, 12, 31, 9, 41), now).startswith("31 December 2025, ")


def test_a_time_is_shown_at_the_beginning_and_after_a_pause() -> None:
    assert times.is_shown(1_700_000_000, 0)
    assert not times.is_shown(1_700_000_060, 1_700_000_000)
    assert times.is_shown(1_700_000_000 + times.PAUSE_S, 1_700_000_000)
    assert not times.is_shown(0, 1_700_000_000)
