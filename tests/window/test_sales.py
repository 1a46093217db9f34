"""A day with a table in the real window: an assistant is let run code, a table is added, its code reads it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.window.assistants.dialog import AssistantDialog
from desktop_app.window.main_window import MainWindow
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.window.conftest import OpenWindow, until

CODE = """import pandas as pd
sales = pd.read_csv("/mnt/data/sales.csv")
sales.groupby("product").amount.sum().sort_values(ascending=False)
"""


async def test_code_reads_the_table_that_a_person_added(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "sales.csv"
    table.write_text("product,amount\nDesk,250\nLamp,100\nDesk,150\n", "utf-8")
    call = {"name": "code_interpreter", "arguments": {"code": CODE}}
    with ScriptedProvider([Turn(calls=[call]), Turn(text="Desks sell best.")]) as provider:
        monkeypatch.setenv("DESKSIDE_PROVIDER_URL", provider.base_url)
        window = await open_window()
        await _tick_code(window)
        window.add_files([table])
        await until(lambda: len(_code_files(window)) > 4)  # the four samples, and then this one
        window.conversation.composer.set_text("Which products sell best?")
        await until(window.conversation.composer.can_send)
        window.conversation.composer.send.click()
        await until(lambda: len(provider.requests) > 1 and not window.asking.busy)
        output = provider.requests[1]["messages"][-1]["content"]
        row = window.assistants.list.rows()[0].subtitle
    assert row.startswith("scripted")
    assert "Desk    400" in output
    assert "Lamp    100" in output


async def _tick_code(window: MainWindow) -> None:
    QTest.mouseClick(window.assistants.edit_button, Qt.MouseButton.LeftButton)
    await until(lambda: window.findChild(AssistantDialog))
    dialog = window.findChild(AssistantDialog)
    assert dialog is not None
    assert not dialog.runs_code.isChecked()
    dialog.model.show_models(["scripted"], "scripted")
    dialog.runs_code.click()
    QTest.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    await until(lambda: len(_code_files(window)) == 4)


def _code_files(window: MainWindow) -> list[str]:
    assistant = window.session.assistant
    resources = assistant.tool_resources.code_interpreter if assistant and assistant.tool_resources else None
    return list(resources.file_ids or ()) if resources else []
