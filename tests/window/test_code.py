"""Code in the real window: the sales table, its chart, its file, and a cell that is stopped."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop_app.window.main_window import MainWindow
from desktop_app.window.produced import PictureDialog
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.window.conftest import OpenWindow, close, until

CODE = """import matplotlib.pyplot as plt, pandas as pd
top = pd.Series({"Desk": 400, "Lamp": 100})
top.to_csv("/mnt/data/top.csv")
print(top.to_string())
top.plot.bar()
plt.show()
top
"""


class Outside:
    """What other programs would get: the files that are opened, and those that are dropped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[Path] = []
        self.dropped: list[Path] = []
        outside = self

        def opens(url: QUrl) -> bool:
            outside.opened.append(Path(url.toLocalFile()))
            return True

        def drops(drag: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
            assert actions is Qt.DropAction.CopyAction
            outside.dropped += [Path(url.toLocalFile()) for url in drag.mimeData().urls()]
            return actions

        monkeypatch.setattr(QDesktopServices, "openUrl", opens)  # a test must not start the person's programs
        monkeypatch.setattr(QDrag, "exec", drops)  # which waits for a person


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    return Outside(monkeypatch)


@pytest.fixture
def coding(monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    """A provider for the service of the window, whose models write code."""
    provider = ScriptedProvider([])
    monkeypatch.setenv("DESKSIDE_PROVIDER_URL", provider.base_url)
    return provider


async def ask(window: MainWindow, question: str) -> None:
    window.conversation.composer.set_text(question)
    await until(window.conversation.composer.can_send)
    window.conversation.composer.send.click()
    await until(lambda: window.asking.busy)


async def open_coding(open_window: OpenWindow) -> MainWindow:
    """The window with an assistant that may run code, chosen."""
    window = await open_window()
    assistant = window.session.assistant
    assert assistant is not None
    await window.session.service.assistants.update(
        assistant.id, model="scripted", tools=[{"type": "code_interpreter"}]
    )
    await until(lambda: window.session.assistant is not None and window.session.assistant.model == "scripted")
    return window


def roles(window: MainWindow) -> list[str]:
    return [item.role for item in window.asking.items]


async def test_a_chart_and_a_table_are_shown_saved_and_read_again(
    open_window: OpenWindow, coding: ScriptedProvider, outside: Outside, tmp_path: Path
) -> None:
    run = Turn(calls=[{"name": "code_interpreter", "arguments": {"code": CODE}}])
    with coding:
        coding.play(run, Turn("Desks lead: [table](sandbox:/mnt/data/top.csv)."))
        window = await open_coding(open_window)
        await ask(window, "The top products, with a chart?")
        await until(lambda: roles(window) == ["user", "code", "assistant"] and not window.asking.busy, 60)
        _, cell, answer = window.asking.items
        assert "Desk    400" in cell.text
        (table,) = cell.tables
        assert table.body == [["Desk", "400"], ["Lamp", "100"]]
        assert "| Desk | 400 |" in cell.text
        assert "dtype" not in cell.text, "the table's text is not shown beside the table"
        view = window.conversation.view
        (picture,) = answer.pictures
        await until(lambda: (image := view.scene.picture(picture)) is not None and not image.isNull())
        (file,) = answer.files
        assert file.name == "top.csv"

        view.file_clicked.emit(file)
        await until(lambda: outside.opened)
        assert outside.opened[0].name == "top.csv"
        row = next(
            at
            for at in range(len(view._rows))
            if any(target.kind == "file" for target, _ in view._rows[at].targets(view.scene))
        )
        (_, place), *_ = view._rows[row].targets(view.scene)
        start = view.row_rect(row).topLeft() + place.center().toPoint()
        QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view.viewport(), start - QPoint(0, 60))
        await until(lambda: outside.dropped)
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start - QPoint(0, 60))
        for copy in (*outside.opened, *outside.dropped):
            assert (copy.name, copy.read_text().splitlines()[1:]) == ("top.csv", ["Desk,400", "Lamp,100"])

        view.file_clicked.emit(replace(file, name="top.sh"))
        (dialog,) = view.findChildren(QFileDialog)
        dialog.close()
        assert len(outside.opened) == 1, "what could run is not opened"
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

        view.file_save_clicked.emit(file)
        (dialog,) = view.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "saved.csv"))
        dialog.close()
        await until(lambda: (tmp_path / "saved.csv").exists())
        assert (tmp_path / "saved.csv").read_text().splitlines()[1:] == ["Desk,400", "Lamp,100"]

        view.picture_clicked.emit(picture)
        await until(lambda: view.findChildren(PictureDialog))
        (shown,) = view.findChildren(PictureDialog)
        before = shown.shown_size
        shown.larger.click()
        assert shown.shown_size.width() > before.width() > 100
        shown.close()

        view.run_clicked.emit(replace(cell, code=f"{CODE}print(len(top))\ntop"))
        await until(lambda: (message := view.message(cell.id)) is not None and message.item.status == "in_progress")
        await until(lambda: (message := view.message(cell.id)) is not None and message.item.status == "completed")
        again_shown = view.message(cell.id)
        assert again_shown is not None
        assert "| Lamp | 100 |" in again_shown.item.text
        assert len(again_shown.item.pictures) == 1
        assert [each.body for each in again_shown.item.tables] == [table.body]

        view.script_clicked.emit(cell.code)
        await until(lambda: len(outside.opened) == 2)
        script = outside.opened[1]
        assert (script.name, script.read_text()) == ("script.py.txt", CODE)

        view.script_save_clicked.emit(cell.code)
        (dialog,) = [each for each in view.findChildren(QFileDialog) if each.isVisible()]
        dialog.fileSelected.emit(str(tmp_path / "script.py"))
        dialog.close()
        await until(lambda: (tmp_path / "script.py").exists())
        assert (tmp_path / "script.py").read_text() == CODE

        thread_id = window.session.thread_id
        await close(window)
        assert not any(copy.exists() for copy in (*outside.opened, *outside.dropped))
        again = await open_window()
        again.session.select_thread(thread_id)
        await until(lambda: roles(again) == ["user", "code", "assistant"])
        assert again.asking.items[1].text == cell.text
        assert again.asking.items[2].files == answer.files


async def test_stop_ends_code_that_runs(open_window: OpenWindow, coding: ScriptedProvider) -> None:
    with coding:
        coding.play(Turn(calls=[{"name": "code_interpreter", "arguments": {"code": "while True: pass"}}]))
        window = await open_coding(open_window)
        await ask(window, "Go.")
        await until(lambda: roles(window) == ["user", "code"] and window.asking.status_text == "Running code…", 60)
        window.asking.stop()
        await until(lambda: not window.asking.busy)
        assert window.asking.items[1].status == "stopped"

        view = window.conversation.view
        cell = window.asking.items[1]
        view.run_clicked.emit(cell)
        await until(lambda: (message := view.message(cell.id)) is not None and message.item.status == "in_progress")
        view.stop_clicked.emit(cell)
        await until(lambda: (message := view.message(cell.id)) is not None and message.item.status == "stopped")

        await until(lambda: time.time() > cell.created_at + 1)  # the order is by seconds
        coding.play(Turn("Nothing came of it."))
        await ask(window, "And?")
        order = ["user", "code", "user", "assistant"]
        await until(lambda: roles(window) == order and not window.asking.busy)
        shown = [item.text for item in window.asking.items]
        thread_id = window.session.thread_id
        window.session.select_thread(None)
        window.session.select_thread(thread_id)
        await until(lambda: roles(window) == order)
        await close(window)
        again = await open_window()
        again.session.select_thread(thread_id)
        await until(lambda: roles(again) == order)
        assert [item.text for item in again.asking.items] == shown
        assert again.asking.items[1].status == "stopped"
