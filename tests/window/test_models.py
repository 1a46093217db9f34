"""Choosing who answers, in the real window: where the question goes, the list of models, thoughts, and failures."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.window.assistants.dialog import AssistantDialog
from desktop_app.window.main_window import MainWindow
from desktop_app.window.picker.popup import ModelPopup
from desktop_app.window.status_line import ON_THIS_COMPUTER
from desktop_app.wire.models import ProviderChange
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.window.conftest import OpenWindow, close, until

PORTS = "Which ports are used?"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must not write into the keyring of the person who runs it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("DESKSIDE_FILE_SEARCH", "model")


async def connect(window: MainWindow, provider: ScriptedProvider, name: str = "gateway") -> None:
    change = ProviderChange(
        name=name.title(), kind="other", base_url=provider.base_url, key=SecretStr("sk-0123456789")
    )
    await window.session.service.models.set_provider(name, change)


async def picker(window: MainWindow, model: str) -> ModelPopup:
    """The opened list of models, when it shows `model`."""
    window.conversation.choose_model()
    popup = window.conversation.picker
    assert popup is not None
    await until(lambda: model in [row.id for row in popup.list.rows()])
    return popup


async def choose(window: MainWindow, search: str, model: str) -> None:
    """Choose a model as a person does: open the list, type a part of its name, press Enter."""
    popup = await picker(window, model)
    QTest.keyClicks(popup.search, search)
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    await until(lambda: window.session.choice.model == model and window.session.choice.answering is not None)


async def ask(window: MainWindow, question: str = PORTS) -> None:
    before = len(window.asking.items)
    window.conversation.composer.set_text(question)
    await until(window.conversation.composer.can_send)
    window.conversation.composer.send.click()
    await until(lambda: len(window.asking.items) > before + 1 and not window.asking.busy, 60)


def where(window: MainWindow) -> str:
    return window.conversation.status_line.text.text()


async def test_a_model_chosen_in_the_list_answers_in_this_thread_only(open_window: OpenWindow) -> None:
    with ScriptedProvider([Turn(text="Port 88.")], models=("large", "small")) as provider:
        window = await open_window()
        assert where(window) == ON_THIS_COMPUTER
        await connect(window, provider)
        await choose(window, "gate sma", "small")
        assert where(window) == "Stays on this computer (Gateway, small)."
        assert window.conversation.composer.edit.accessibleDescription() == where(window)
        await ask(window)
        assert window.asking.items[-1].text == "Port 88."
        assert provider.requests[-1]["model"] == "small"
        assert window.session.assistant is not None
        assert window.session.assistant.model == "deskside-reader"
        thread_id = window.session.thread_id
        window.new_thread()
        assert where(window) == ON_THIS_COMPUTER
        await close(window)

        again = await open_window()
        await until(lambda: again.session.threads)
        again.session.select_thread(thread_id)
        await until(lambda: where(again) == "Stays on this computer (Gateway, small).")


async def test_a_model_is_made_the_assistants_own(open_window: OpenWindow) -> None:
    with ScriptedProvider([Turn(text="Port 88.")], models=("large",)) as provider:
        window = await open_window()
        await connect(window, provider)
        await choose(window, "large", "large")
        popup = await picker(window, "large")
        QTest.mouseClick(popup.assistant_button, Qt.MouseButton.LeftButton)
        await until(lambda: window.session.assistant and window.session.assistant.model == "large")
        await until(lambda: not window.session.choice.override)
        assert not popup.isVisible()
        window.new_thread()
        await until(lambda: where(window) == "Stays on this computer (Gateway, large).")


async def test_the_list_leads_to_the_settings(open_window: OpenWindow) -> None:
    window = await open_window()
    popup = await picker(window, "deskside-reader")
    QTest.keyClicks(popup.search, "no such model")
    assert popup.list.rows() == []
    QTest.mouseClick(popup.connect_button, Qt.MouseButton.LeftButton)
    assert window.open_settings().isVisible()
    assert not popup.isVisible()


async def test_thoughts_are_folded_open_with_a_key_and_are_not_copied(open_window: OpenWindow) -> None:
    thoughts = ["They ask for ports. ", "It is 88."]
    with ScriptedProvider([Turn(text="Port 88.", thoughts=thoughts)], models=("thinker",)) as provider:
        window = await open_window()
        await connect(window, provider)
        await choose(window, "thinker", "thinker")
        await ask(window)
        assert [item.role for item in window.asking.items] == ["user", "thoughts", "assistant"]
        assert window.asking.items[1].text == "".join(thoughts)
        view = window.conversation.view
        message = view.messages[1]
        assert message.buttons == ["Show what the model thought"]
        assert len(message.rows) == 1
        window.activateWindow()
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Tab)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert message.is_open
        assert "It is 88." in message.plain_text(view.scene, 1000)
        view.select_all()
        assert "They ask" not in view.selected_text()
        assert "Port 88." in view.selected_text()
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert not message.is_open
        thread_id = window.session.thread_id
        await close(window)

        again = await open_window()
        again.session.select_thread(thread_id)
        await until(lambda: [item.role for item in again.asking.items] == ["user", "thoughts", "assistant"])
        assert again.asking.items[1].text == "".join(thoughts)


async def test_a_refused_key_offers_the_settings_and_a_retry(open_window: OpenWindow) -> None:
    refused = Turn(status=401, error="Incorrect API key provided.")
    with ScriptedProvider([refused], models=("large",)) as provider:
        window = await open_window()
        await connect(window, provider)
        await choose(window, "large", "large")
        await ask(window)
        failed = window.asking.items[-1]
        assert failed.status == "failed"
        assert "did not accept the key" in failed.note
        assert window.conversation.view.messages[-1].buttons == ["Retry", "Open settings"]
        window.conversation.view.settings_clicked.emit()
        assert window.open_settings().isVisible()
        window.open_settings().close()
        provider.play(Turn(text="Port 88."))
        window.asking.retry()
        await until(lambda: window.asking.items[-1].text == "Port 88.")


async def test_an_assistants_model_and_parameters_reach_the_provider(open_window: OpenWindow) -> None:
    with ScriptedProvider([Turn(text="Port 88.")], models=("large",)) as provider:
        window = await open_window()
        await connect(window, provider)
        QTest.mouseClick(window.assistants.edit_button, Qt.MouseButton.LeftButton)
        await until(lambda: window.findChild(AssistantDialog))
        dialog = window.findChild(AssistantDialog)
        assert dialog is not None
        dialog.model.show_models(["large"], "large")
        dialog.advanced.setChecked(True)
        dialog.temperature.automatic.setChecked(False)
        dialog.temperature.field.setValue(0.3)
        dialog.effort.setCurrentIndex(dialog.effort.findData("low"))
        dialog.max_tokens.automatic.setChecked(False)
        dialog.max_tokens.field.setValue(512)
        QTest.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
        await until(lambda: window.session.assistant and window.session.assistant.model == "large")
        await ask(window)
        request = provider.requests[-1]
        assert request["model"] == "large"
        assert request["temperature"] == 0.3
        assert request["reasoning_effort"] == "low"
        assert 512 in (request.get("max_completion_tokens"), request.get("max_tokens"))
        tools = window.session.assistant.tools if window.session.assistant else []
        assert [tool.type for tool in tools] == ["file_search"]

        window.editing.edit(window.session.assistant_id or "")
        await until(lambda: window.findChild(AssistantDialog) not in (None, dialog))
        again = next(each for each in window.findChildren(AssistantDialog) if each is not dialog)
        assert again.fields.temperature == 0.3
        assert again.fields.max_tokens == 512
        again.temperature.automatic.setChecked(True)
        QTest.mouseClick(again.create_button, Qt.MouseButton.LeftButton)
        await until(lambda: window.session.assistant and window.session.assistant.temperature in (None, 1.0))


async def test_the_first_start_offers_three_ways_and_only_then(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = await open_window()
    welcome = window.conversation.welcome
    assert [button.accessibleName() for button in welcome.ways.values() if button.isVisible()] == [
        "Use the reader now",
        "Connect a model",
        "Open a local model",
    ]
    qtbot.mouseClick(welcome.ways["local"], Qt.MouseButton.LeftButton)
    settings = window.open_settings("Local models")
    assert settings.isVisible()
    settings.close()
    assert not any(button.isVisible() for button in welcome.ways.values())
    assert welcome.buttons
    await close(window)
    again = await open_window()
    assert not any(button.isVisible() for button in again.conversation.welcome.ways.values())


async def test_a_gguf_file_is_offered_as_a_model_and_a_broken_one_refused_in_words(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    window = await open_window()
    hostile = tmp_path / "evil.GGUF"
    hostile.write_bytes(b"GGUF" + b"\xff" * 64)
    window.add_files([hostile])
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "evil.GGUF" in box.text()
    QTest.mouseClick(
        next(each for each in box.findChildren(QPushButton) if each.text() == "Use it"), Qt.MouseButton.LeftButton
    )
    await until(lambda: window.conversation.notices.shown)
    assert window.conversation.notices.shown is not None
    assert "evil.GGUF" in window.conversation.notices.shown.text
    assert "evil.GGUF" not in [each.name for each in window.right.documents.model.documents()]
