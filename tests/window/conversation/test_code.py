"""Code in the conversation: one line that opens, the code in colours and its output below."""

import csv
import io
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QTextCursor, QTextTable
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.code import cell_markdown
from desktop_app.window.conversation.code_table import table_csv
from desktop_app.window.conversation.rows import TextRow
from desktop_app.wire.code import CodeTable

CELL = MessageItem("cell", "code", cell_markdown("for x in range(3):\n    print('``` no fence')", "0\n1\n"), seconds=2)


def press_fold(view: ConversationView) -> None:
    row = view.messages[0].first_row
    (_, place), *_ = view._rows[row].targets(view.scene)
    point = view.row_rect(row).topLeft() + place.center().toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(point))


def test_code_opens_and_closes_under_the_mouse(view: ConversationView) -> None:
    view.set_messages([CELL, MessageItem("answer", "assistant", "Three numbers.")])
    (cell, _) = view.messages
    assert (len(cell.rows), cell.buttons) == (1, ["Show the code"])
    assert "Ran code for 2 s" in cell.plain_text(view.scene, 1000)
    press_fold(view)
    assert cell.buttons == ["Hide the code"]
    shown = cell.plain_text(view.scene, 1000)
    assert "for x in range(3):\n    print('``` no fence')" in shown
    assert "0\n1" in shown
    view.select_all()
    assert "for x in range(3):" in view.selected_text()
    press_fold(view)
    assert len(cell.rows) == 1


def test_code_is_coloured_and_its_output_is_not(view: ConversationView) -> None:
    view.set_messages([CELL])
    press_fold(view)
    view.grab()
    colours: dict[str, set[str]] = {}
    for row in view.messages[0].rows:
        if isinstance(row, TextRow):
            document = row.document(view.scene)
            for word in ("range", "for", "1"):
                cursor = document.find(word)
                if not cursor.isNull():
                    cursor.setPosition(cursor.selectionStart())
                    cursor.movePosition(QTextCursor.MoveOperation.Right)
                    colours.setdefault(word, set()).add(cursor.charFormat().foreground().color().name())
    assert colours["for"] != colours["1"]


def test_code_that_runs_says_so_and_grows_while_it_is_open(view: ConversationView) -> None:
    view.append(MessageItem("cell", "code", cell_markdown("print(1)", ""), (), "in_progress"))
    (cell,) = view.messages
    assert "Running code" in cell.plain_text(view.scene, 1000)
    press_fold(view)
    view.replace(MessageItem("cell", "code", cell_markdown("print(1)", "1\n"), (), "in_progress"))
    assert cell.is_open
    assert "1" in cell.plain_text(view.scene, 1000).split("print(1)")[1]
    view.replace(MessageItem("cell", "code", cell_markdown("1/0", "ZeroDivisionError"), (), "stopped"))
    assert "did not end well" in cell.plain_text(view.scene, 1000)


HOSTILE = "<b>|`*[x](http://e.org)\\|\n# $x$ &amp; ![i](file:///etc/passwd)"


def tables_in(view: ConversationView) -> list[list[list[str]]]:
    """The texts of every table but those that are code or output."""
    found = []
    for row in view.messages[0].rows:
        if isinstance(row, TextRow):
            for frame in row.document(view.scene).rootFrame().childFrames():
                if isinstance(frame, QTextTable) and (frame.rows(), frame.columns()) != (1, 1):
                    cells = [[frame.cellAt(r, c) for c in range(frame.columns())] for r in range(frame.rows())]
                    found.append([[cell.firstCursorPosition().block().text() for cell in each] for each in cells])
    return found


def test_a_table_stands_as_one_in_the_place_of_its_text(view: ConversationView) -> None:
    table = CodeTable(
        head=["", "product", HOSTILE],
        body=[["0", "Desk", "4"], ["1", "", HOSTILE]],
        rows=1200,
        columns=2,
        start=7,
        end=12,
    )
    text = cell_markdown("display(t)\nprint(1)", "before\nTABLEafter", [table])
    view.set_messages([MessageItem("cell", "code", text, tables=(table,))])
    press_fold(view)
    hostile = " ".join(HOSTILE.split())
    assert tables_in(view) == [[["", "product", hostile], ["0", "Desk", "4"], ["1", "", hostile]]]
    shown = view.messages[0].plain_text(view.scene, 10_000)
    assert "TABLE" not in shown
    assert shown.index("before") < shown.index("Desk") < shown.index("First 2 of 1,200 rows, 2 columns")
    assert shown.index("rows, 2 columns") < shown.index("after")
    targets = [target for row in view.messages[0].rows for target, _ in row.targets(view.scene)]
    assert [target.kind for target in targets] == ["fold"]


def test_a_table_without_names_or_rows_is_one_too(view: ConversationView) -> None:
    bare = CodeTable(head=["", ""], body=[["0", "1"]], rows=1, columns=1)
    empty = CodeTable(head=["", "x"], body=[], rows=0, columns=1)
    view.set_messages([MessageItem("cell", "code", cell_markdown("x", "", [bare, empty]))])
    press_fold(view)
    assert tables_in(view) == [[["", ""], ["0", "1"]], [["", "x"]]]
    assert "1 row, 1 column\n" in view.messages[0].plain_text(view.scene, 10_000)
    assert "0 rows, 1 column" in view.messages[0].plain_text(view.scene, 10_000)


def test_of_a_wide_table_as_many_columns_are_shown_as_can_be_read(view: ConversationView) -> None:
    wide = CodeTable(head=[""] * 21, body=[["x"] * 21], rows=1, columns=30)
    view.set_messages([MessageItem("cell", "code", cell_markdown("x", "", [wide]))])
    press_fold(view)
    assert [len(row) for row in tables_in(view)[0]] == [9, 9]
    assert "1 row, first 8 of 30 columns" in view.messages[0].plain_text(view.scene, 10_000)


def test_a_table_is_copied_as_csv() -> None:
    table = CodeTable(head=["", "a,b"], body=[["0", 'say "x"'], ["1", "two\nlines"]], rows=9, columns=1)
    assert list(csv.reader(io.StringIO(table_csv(table)))) == [["", "a,b"], ["0", 'say "x"'], ["1", "two\nlines"]]


@pytest.mark.parametrize(("key", "modifier"), [("Key_Menu", "NoModifier"), ("Key_F10", "ShiftModifier")])
def test_the_menu_of_code_is_reached_by_keyboard(view: ConversationView, key: str, modifier: str) -> None:
    table = CodeTable(head=["", "x"], body=[["0", "1"]], rows=1, columns=1)
    opened, saved, run = (
        QSignalSpy(signal) for signal in (view.script_clicked, view.script_save_clicked, view.run_clicked)
    )
    item = replace(CELL, code="print(1)", tables=(table,))
    view.set_messages([item, MessageItem("answer", "assistant", "Done.")])
    view.grab()
    view.activateWindow()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    told = []
    for words in ("Copy table as CSV", "Open script as text", "Save as script…", "Run again"):
        QTest.keyClick(view, Qt.Key[key], Qt.KeyboardModifier[modifier])
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in menu.actions():
            QTest.keyClick(menu, Qt.Key.Key_Down)
            if menu.activeAction().text() == words:
                break
        QTest.keyClick(menu, Qt.Key.Key_Return)
        told.append([opened.count(), saved.count(), run.count()])
    assert told == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert QGuiApplication.clipboard().text() == ",x\n0,1\n"
    assert [opened.at(0), saved.at(0), run.at(0)] == [["print(1)"], ["print(1)"], [item]]
    assert not view.messages[0].is_open


def test_the_menu_key_opens_one_menu_though_a_system_tells_of_it_twice(view: ConversationView) -> None:
    view.set_messages([replace(CELL, code="print(1)")])
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Menu)
    again = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(view.viewport(), again)
    (menu,) = view.findChildren(QMenu)
    menu.close()
