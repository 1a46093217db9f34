from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.window.rows import Row, RowList

ROWS = [Row("a", "Alpha", "1 document"), Row("b", "Beta", "2 documents"), Row("c", "Gamma", "no documents", "thread")]


def row_list(qtbot: QtBot) -> tuple[RowList, list[str]]:
    rows = RowList("Things", "No things yet")
    qtbot.addWidget(rows)
    rows.resize(240, 300)
    rows.show()
    chosen: list[str] = []
    rows.chosen.connect(chosen.append)
    return rows, chosen


def test_showing_rows_selects_silently_and_a_person_selects_aloud(qtbot: QtBot) -> None:
    rows, chosen = row_list(qtbot)
    rows.set_rows(ROWS, "b")
    assert rows.selected_id() == "b"
    assert chosen == []
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert chosen == ["c"]
    place = rows.visualRect(rows.model().index(0, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == ["c", "a"]


def test_the_selection_follows_its_row_when_the_order_changes(qtbot: QtBot) -> None:
    rows, chosen = row_list(qtbot)
    rows.set_rows(ROWS, "c")
    rows.set_rows([ROWS[2], ROWS[0]], "c")
    assert rows.selected_id() == "c"
    assert rows.currentIndex().row() == 0
    rows.set_rows([ROWS[0]], "c")
    assert rows.selected_id() is None
    assert chosen == []


def test_the_delete_key_asks_for_the_selected_row(qtbot: QtBot) -> None:
    rows, _ = row_list(qtbot)
    asked: list[str] = []
    rows.delete_asked.connect(asked.append)
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    rows.set_rows(ROWS, "b")
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    assert asked == ["b"]


def test_screen_readers_hear_both_lines(qtbot: QtBot) -> None:
    rows, _ = row_list(qtbot)
    rows.set_rows(ROWS, None)
    index = rows.model().index(1, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Beta, 2 documents"
    assert rows.accessibleName() == "Things"


def test_rows_and_the_empty_list_are_drawn(qtbot: QtBot) -> None:
    rows, _ = row_list(qtbot)
    empty = rows.grab().toImage()
    rows.set_rows(ROWS, "a")
    full = rows.grab().toImage()
    assert empty != full
