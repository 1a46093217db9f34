from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.window.welcome import Welcome


def test_a_suggested_question_asks_itself_once_there_is_a_service(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    asked: list[str] = []
    welcome.asked.connect(asked.append)
    welcome.show_for("Ask", "Drop files", ["How long?", "How much?"], ready=False)
    qtbot.mouseClick(welcome.buttons[1], Qt.MouseButton.LeftButton)
    assert asked == []
    welcome.show_for("Ask", "Drop files", ["How long?", "How much?"], ready=True)
    qtbot.mouseClick(welcome.buttons[1], Qt.MouseButton.LeftButton)
    assert asked == ["How much?"]


def test_another_assistants_questions_replace_the_first_ones(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.show_for("Ask", "", ["One?", "Two?"], ready=True)
    welcome.show_for("Ask", "", ["Three?"], ready=True)
    assert [button.text() for button in welcome.buttons] == ["Three?"]
    welcome.show_for("Ask", "", [], ready=True)
    assert welcome.buttons == []


def test_the_ways_to_begin_are_named_and_told(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    chosen: list[str] = []
    welcome.chosen.connect(chosen.append)
    welcome.show_ways(True)
    assert not any(button.isHidden() for button in welcome.ways.values())
    for button in welcome.ways.values():
        assert button.accessibleName()
        assert button.accessibleDescription()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen == ["reader", "connect", "local"]
    welcome.show_ways(False)
    assert all(button.isHidden() for button in welcome.ways.values())
