"""What a person does to assistants, threads and documents, in the real window with its real service."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from desktop_app.window.assistants.dialog import AssistantDialog
from desktop_app.window.main_window import MainWindow

from .conftest import OpenWindow, until
from .test_first_start import LEAVE, asked


def titles(window: MainWindow) -> list[str]:
    return [row.title for row in window.assistants.list.rows()]


def answer_box(window: MainWindow, name: str) -> None:
    """Click a button of the opened message box."""
    box = window.findChild(QMessageBox)
    assert box is not None
    button = next(each for each in box.findChildren(QPushButton) if each.text().replace("&", "") == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_a_new_assistant_is_made_with_documents_of_its_own_and_deleted_again(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    window = await open_window()
    QTest.mouseClick(window.assistants.add_button, Qt.MouseButton.LeftButton)
    await until(lambda: window.findChild(AssistantDialog))
    dialog = window.findChild(AssistantDialog)
    assert dialog is not None
    assert not dialog.create_button.isEnabled()
    QTest.keyClicks(dialog.name, "Contracts")
    QTest.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    await until(lambda: titles(window) == ["Document Q&A", "Contracts"])
    assert window.session.assistant is not None
    assert window.session.assistant.name == "Contracts"
    await until(lambda: not window.right.documents.model.documents())

    note = tmp_path / "lease.txt"
    note.write_text("The lease ends in June.")
    window.add_files([note])
    await until(lambda: [each.stage for each in window.right.documents.model.documents()] == ["ready"], 60)
    await until(lambda: window.assistants.list.rows()[1].subtitle.endswith("1 document"))

    window.delete_assistant(window.session.assistant.id)
    answer_box(window, "Delete")
    await until(lambda: titles(window) == ["Document Q&A"])
    files = [file.filename async for file in window.session.service.openai.files.list()]
    assert "lease.txt" not in files
    assert "employee-handbook.pdf" in files


async def test_deleting_a_thread_asks_first_and_leaves_an_empty_conversation(open_window: OpenWindow) -> None:
    window = await open_window()
    await asked(window, LEAVE)
    await until(lambda: len(window.threads.list.rows()) == 1)
    thread_id = window.session.thread_id
    window.delete_thread(thread_id or "")
    answer_box(window, "Cancel")
    assert window.session.thread_id == thread_id
    await asyncio.sleep(0)
    await until(lambda: window.findChild(QMessageBox) is None)
    window.delete_thread(thread_id or "")
    answer_box(window, "Delete")
    await until(lambda: not window.threads.list.rows())
    assert window.session.thread_id is None
    assert window.conversation.welcome.isVisible()


async def test_files_dropped_anywhere_on_the_window_go_to_the_documents(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    window = await open_window()
    file = tmp_path / "hours.md"
    file.write_text("The archive is open on Tuesdays.")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = window.rect().center()
    enter = QDragEnterEvent(place, copy, mime, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.overlay.isVisible()
    assert window.overlay.size() == window.size()
    drop = QDropEvent(QPointF(place), copy, mime, left, plain)
    QApplication.sendEvent(window.overlay, drop)
    assert not window.overlay.isVisible()
    await until(lambda: "hours.md" in [each.name for each in window.right.documents.model.documents()])


async def test_text_dragged_over_the_window_is_not_taken_for_files(open_window: OpenWindow) -> None:
    window = await open_window(connected=False)
    mime = QMimeData()
    mime.setText("some words")
    enter = QDragEnterEvent(
        window.rect().center(),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert not window.overlay.isVisible()


async def test_choosing_another_assistant_leaves_the_thread_of_the_first(open_window: OpenWindow) -> None:
    from desktop_app.window import operations

    window = await open_window()
    await asked(window, LEAVE)
    thread_id = window.session.thread_id
    other = await operations.create_assistant(window.session.service, name="Other", instructions="", model="m")
    await until(lambda: "Other" in titles(window))
    await until(lambda: window.session.entry is not None)
    window.session.select_assistant(other)
    assert window.session.thread_id is None
    assert window.conversation.subtitle.text() == "Other"
    assert not window.conversation.welcome.buttons
    window.session.select_thread(thread_id)
    assert window.conversation.subtitle.text() == "Document Q&A"
    await until(lambda: len(window.asking.items) == 2)


async def test_menus_name_every_action_and_the_about_box_opens_without_blocking(open_window: OpenWindow) -> None:
    window = await open_window(connected=False)
    texts = [
        action.text().replace("&", "")
        for menu in window.menuBar().actions()
        for action in (menu.menu().actions() if menu.menu() else [])
        if action.text()
    ]
    assert {"New thread", "Add files…", "Send", "Stop", "Next pane", "Quit"} <= set(texts)
    window.about()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.text().startswith("Deskside")
    box.close()
