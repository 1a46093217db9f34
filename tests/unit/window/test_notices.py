from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.window.notices import Level, Notice, Notices


def bar(qtbot: QtBot) -> Notices:
    notices = Notices()
    qtbot.addWidget(notices)
    return notices


def test_a_notice_is_shown_and_can_be_dismissed(qtbot: QtBot) -> None:
    notices = bar(qtbot)
    assert notices.isHidden()
    notices.report(Notice("The file is empty.", Level.WARNING))
    assert not notices.isHidden()
    qtbot.mouseClick(notices.close_button, Qt.MouseButton.LeftButton)
    assert notices.isHidden()
    assert notices.shown is None


def test_its_button_does_what_it_says_once_and_the_notice_goes(qtbot: QtBot) -> None:
    notices = bar(qtbot)
    done: list[str] = []
    notices.report(Notice("It stopped.", Level.ERROR, action="Start again", on_action=lambda: done.append("again")))
    qtbot.mouseClick(notices.action_button, Qt.MouseButton.LeftButton)
    assert done == ["again"]
    assert notices.isHidden()


def test_a_lighter_notice_does_not_cover_a_graver_one_of_another_topic(qtbot: QtBot) -> None:
    notices = bar(qtbot)
    grave = Notice("The service stopped.", Level.ERROR, topic="service")
    notices.report(grave)
    notices.report(Notice("By the way", Level.INFO, topic="chat"))
    assert notices.shown is grave
    notices.report(Notice("It is back.", Level.INFO, topic="service"))
    assert notices.shown is not None
    assert notices.shown.text == "It is back."


def test_taking_back_a_topic_leaves_the_others(qtbot: QtBot) -> None:
    notices = bar(qtbot)
    notices.report(Notice("The service stopped.", Level.ERROR, topic="service"))
    notices.clear("ask")
    assert notices.shown is not None
    notices.clear("service")
    assert notices.shown is None


def test_a_notice_is_text_and_never_markup(qtbot: QtBot) -> None:
    notices = bar(qtbot)
    notices.report(Notice("<b>not bold</b>"))
    assert notices.label.textFormat() is Qt.TextFormat.PlainText
