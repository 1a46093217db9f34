"""Citation chips: their numbers, where they lead, and how they are reached."""

from html import unescape

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.chips import Chips, tooltip
from desktop_app.window.conversation.items import CitationMark
from desktop_app.wire.extensions import Citation
from tests.window.conversation.conftest import HANDBOOK, LEASE, cited

ITEM = cited(
    "👍 The **leave** is 30 days【4:0】. Rent is due on the first【4:1】, and so on【4:0†x】. "
    "See [the manual](https://a.example/x).\n\n| a | b |\n|---|---|\n| cell【4:3】 | `code【4:4】` |\n",
    ("【4:0】", HANDBOOK),
    ("【4:1】", LEASE),
    ("【4:0†x】", HANDBOOK),
    ("【4:3】", LEASE),
    ("【4:4】", HANDBOOK),
)


def chips_of(view: ConversationView) -> list[tuple[str, QPoint]]:
    """(number, point in the viewport) of everything that can be opened in the first message."""
    row = view.message("answer").first_row  # type: ignore[union-attr]
    top = view.row_rect(row).topLeft()
    return [(target.value, top + rect.center().toPoint()) for target, rect in view._rows[row].targets(view.scene)]


def test_chips_are_numbered_by_distinct_citation_in_the_order_of_the_message() -> None:
    chips = Chips(ITEM.citations)
    assert [number for _, _, number in chips.spans] == [1, 2, 1, 2, 1]
    assert chips.citations == [HANDBOOK, LEASE]


def test_marks_that_overlap_or_are_empty_are_left_out() -> None:
    marks = [CitationMark(0, 5, LEASE), CitationMark(3, 8, HANDBOOK), CitationMark(9, 9, HANDBOOK)]
    assert Chips(marks).spans == [(0, 5, 1)]


def test_the_text_shows_chips_instead_of_marks(view: ConversationView) -> None:
    view.set_messages([ITEM])
    message = view.message("answer")
    assert message is not None
    assert message.plain_text(view.scene, 1000) == (
        "👍 The leave is 30 days[1]. Rent is due on the first[2], and so on[1]. See the manual.\n\n"
        "a\tb\ncell[2]\tcode[1]"
    )


@pytest.mark.parametrize("index", range(3))
def test_a_click_on_a_chip_leads_to_its_citation(qtbot: QtBot, view: ConversationView, index: int) -> None:
    view.set_messages([ITEM])
    number, point = chips_of(view)[index]
    with qtbot.waitSignal(view.citation_clicked) as signal:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert signal.args == [[HANDBOOK, LEASE][int(number) - 1]]


def test_a_click_beside_a_chip_leads_nowhere(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([ITEM])
    point = chips_of(view)[0][1]
    with qtbot.assertNotEmitted(view.citation_clicked, wait=50):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point - QPoint(40, 0))


def test_a_link_is_only_told_to_whoever_opens_links(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([ITEM])
    point = next(point for value, point in chips_of(view) if value.startswith("https"))
    with qtbot.waitSignal(view.link_clicked) as signal:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert signal.args == ["https://a.example/x"]


def test_a_chip_under_the_mouse_says_where_it_leads(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([ITEM])
    point = chips_of(view)[0][1]
    qtbot.mouseMove(view.viewport(), point)
    QTest.qWait(20)
    assert view.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point)))
    words = QToolTip.text()
    assert unescape(words) == "<p>handbook.pdf, page 4: “Employees get 30 days of leave <b>per year</b>.”</p>"
    assert "<b>" not in words
    QToolTip.hideText()


def test_a_tooltip_is_short_and_complete_without_page_or_quote() -> None:
    long = Citation(file_id="f", file_name="a.txt", quote="word\n " * 200)
    assert len(tooltip(long)) < 300
    assert tooltip(long).endswith("word…”")
    assert tooltip(Citation(file_id="f", file_name="a.txt", quote="")) == "a.txt"


def test_chips_and_links_are_reached_and_opened_by_keyboard(qtbot: QtBot, view: ConversationView) -> None:
    view.set_messages([ITEM])
    view.setFocus()
    seen: list[object] = []
    view.citation_clicked.connect(seen.append)
    view.link_clicked.connect(seen.append)
    for _ in range(4):
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert seen == [HANDBOOK, LEASE, HANDBOOK, "https://a.example/x"]
    unfocused = view.grab().toImage()
    qtbot.keyClick(view, Qt.Key.Key_Backtab)
    assert view.grab().toImage() != unfocused


def test_a_user_s_text_is_never_markdown(view: ConversationView) -> None:
    view.set_messages([MessageItem("q", "user", "**not bold** <b>x</b>\n# no heading")])
    message = view.message("q")
    assert message is not None
    assert message.plain_text(view.scene, 1000) == "**not bold** <b>x</b>\n# no heading"
