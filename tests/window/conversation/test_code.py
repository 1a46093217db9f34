"""Code in the conversation: one line that opens, the code in colours and its output below."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.code import cell_markdown
from desktop_app.window.conversation.rows import TextRow

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
