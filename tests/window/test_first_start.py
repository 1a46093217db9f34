"""The window and its service together, from the first start on."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.documents.model_files import ModelFiles
from desktop_app.window.main_window import MainWindow
from desktop_app.window.status_line import ON_THIS_COMPUTER, STARTING

from .conftest import OpenWindow, close, until

LEAVE = "How many days of annual leave do I get?"


def last_answer(window: MainWindow) -> str:
    answers = [item.text for item in window.asking.items if item.role == "assistant"]
    return answers[-1] if answers else ""


async def asked(window: MainWindow, question: str) -> None:
    """Type a question, press Enter, and wait for the whole answer."""
    before = len(window.asking.items)
    window.conversation.composer.set_text(question)
    window.conversation.composer.send.click()
    await until(lambda: len(window.asking.items) > before and not window.asking.busy, 60)


async def test_the_window_is_there_before_its_service(open_window: OpenWindow) -> None:
    window = await open_window(connected=False)
    assert window.isVisible()
    assert window.conversation.status_line.text.text() == STARTING
    assert not window.conversation.composer.send.isEnabled()
    window.conversation.composer.set_text("written while the service starts")
    await until(window.conversation.composer.send.isEnabled, 60)
    assert window.conversation.status_line.text.text() == ON_THIS_COMPUTER


async def test_the_first_answer_takes_one_click_and_its_citation_opens(
    open_window: OpenWindow, model_files: ModelFiles, qtbot: QtBot
) -> None:
    window = await open_window()
    documents = window.right.documents.model
    await until(lambda: [each.stage for each in documents.documents()] == ["ready"] * 4, 60)
    button = next(each for each in window.conversation.welcome.buttons if each.text() == LEAVE)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: len(window.asking.items) == 2 and not window.asking.busy, 60)
    question, answer = window.asking.items
    assert (question.role, question.text) == ("user", LEAVE)
    assert answer.status == "completed"
    assert answer.citations
    assert not window.right.source_open
    window.conversation.view.citation_clicked.emit(answer.citations[0].citation)
    await until(lambda: window.right.source_open and window.right.source.marked_text())
    assert window.right.source.accessibleName() == "Source"
    assert answer.citations[0].citation.file_name == "employee-handbook.pdf"
    assert window.right.source.current_page() == answer.citations[0].citation.page


async def test_threads_are_listed_and_readable_after_a_restart(
    open_window: OpenWindow, model_files: ModelFiles
) -> None:
    window = await open_window()
    await asked(window, LEAVE)
    answer = last_answer(window)
    assert answer
    window.conversation.composer.set_text("a draft")
    await close(window)

    again = await open_window()
    await until(lambda: last_answer(again))
    assert [row.title for row in again.threads.list.rows()] == [LEAVE]
    assert again.threads.list.rows()[0].subtitle.endswith("2 messages")
    assert last_answer(again) == answer
    assert again.conversation.composer.text == "a draft"


async def test_files_given_at_the_start_are_added_to_the_documents(open_window: OpenWindow, tmp_path: Path) -> None:
    file = tmp_path / "Öffnungszeiten.md"
    file.write_text("The archive is open on Tuesdays from nine to noon.")
    window = await open_window([file])
    documents = window.right.documents.model
    await until(lambda: any(each.name == file.name and each.stage == "ready" for each in documents.documents()), 60)


async def test_every_control_has_a_name_and_the_main_ones_those_that_people_say(open_window: OpenWindow) -> None:
    window = await open_window()
    controls = [each for each in window.findChildren(QAbstractButton) if each.isVisible()]
    unnamed = [each for each in controls if not (each.accessibleName() or each.text())]
    assert not unnamed
    names = {each.accessibleName() for each in window.findChildren(QWidget)}
    assert names >= {"Assistants", "Threads", "Documents", "Conversation", "Message", "Send", "Stop"}


async def test_the_focus_goes_round_all_panes(open_window: OpenWindow) -> None:
    window = await open_window()
    window.activateWindow()
    visited = []
    for _ in range(4):
        window.focus_pane(1)
        focused = window.focusWidget()
        visited.append(focused.accessibleName() if focused is not None else "")
    assert sorted(visited) == ["Assistants", "Documents", "Message", "Threads"]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_window_can_be_drawn_in_both_themes(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    from desktop_app.window.theme import DARK, LIGHT, Theme

    window = await open_window(connected=False)
    wanted = DARK if theme == "dark" else LIGHT
    Theme.current().use(wanted)
    corner = window.grab().toImage().pixelColor(2, window.height() - 2)
    Theme.current().use(LIGHT)
    assert corner == wanted.window
