"""Connecting a model in the Settings dialog, against a real service and a scripted model server."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton, QWidget

from desktop_app.window.main_window import MainWindow
from desktop_app.window.settings.models_page import ModelsPage
from desktop_app.window.settings.provider_dialog import TRYING, ProviderDialog
from desktop_app.wire.models import FoundServer
from tests.support.scripted_provider import ScriptedProvider, Turn, closed_port
from tests.window.conftest import OpenWindow, close, until

KEY = "sk-planted-in-the-window-wxyz"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must not write into the keyring of the person who runs it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def models_page(window: MainWindow) -> ModelsPage:
    settings = window.open_settings("Models")
    assert settings.accessibleName() == "Settings"
    page = settings.page
    assert isinstance(page, ModelsPage)
    await until(page.add_button.isEnabled)
    return page


async def opened(page: ModelsPage) -> ProviderDialog:
    await until(lambda: page.findChild(ProviderDialog))
    dialog = page.findChild(ProviderDialog)
    assert dialog is not None
    return dialog


def fill(dialog: ProviderDialog, base_url: str, key: str = KEY, name: str = "Company gateway") -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData("other"))
    dialog.kind.activated.emit(dialog.kind.currentIndex())
    for field, text in ((dialog.name, name), (dialog.address, base_url), (dialog.key, key)):
        field.clear()
        QTest.keyClicks(field, text)


async def connected(page: ModelsPage, base_url: str, name: str = "Company gateway") -> None:
    click(page.add_button)
    dialog = await opened(page)
    fill(dialog, base_url, name=name)
    click(dialog.save_button)
    await until(lambda: name in [row.title for row in page.list.rows()])


def every_text(window: QWidget) -> str:
    """Everything that is written in a window and what opened from it, except the field a person types a key into."""
    shown = [each.text() for each in window.findChildren(QLabel)]
    typed = [each.text() for each in window.findChildren(QLineEdit) if each.accessibleName() != "Key"]
    told = [
        each.accessibleName() + each.accessibleDescription() + each.toolTip() for each in window.findChildren(QWidget)
    ]
    return "\n".join([*shown, *typed, *told])


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def test_a_provider_is_tried_kept_and_shown_without_its_key(open_window: OpenWindow, tmp_path: Path) -> None:
    with ScriptedProvider([Turn(text="Hello")], models=("gpt-large", "gpt-small")) as provider:
        window = await open_window()
        page = await models_page(window)
        click(page.add_button)
        dialog = await opened(page)
        assert not dialog.wire.isVisible()
        fill(dialog, provider.base_url)
        assert dialog.key.echoMode() is QLineEdit.EchoMode.Password
        click(dialog.test_button)
        assert dialog.outcome.text() == TRYING
        await until(lambda: dialog.outcome.text() not in (TRYING, ""))
        assert "2 models" in dialog.outcome.text()
        click(dialog.save_button)
        await until(lambda: [row.title for row in page.list.rows()] == ["Company gateway"])
        row = page.list.rows()[0]
        assert "127.0.0.1" in row.subtitle
        assert "key for this session only, ends with wxyz" in row.subtitle

        click(page.edit_button)
        again = await opened(page)
        assert again.key.text() == ""
        assert "ends with wxyz" in again.key_state.text()
        assert "no keyring was found" in again.key_state.text()
        assert KEY not in every_text(window.window())
        again.reject()
        await close(window)
    assert files_with(KEY, tmp_path) == []


async def test_a_connection_that_fails_is_told_with_its_remedy_and_nothing_is_kept(open_window: OpenWindow) -> None:
    window = await open_window()
    page = await models_page(window)
    click(page.add_button)
    dialog = await opened(page)
    fill(dialog, f"http://127.0.0.1:{closed_port()}/v1")
    click(dialog.test_button)
    await until(lambda: dialog.outcome.text() not in (TRYING, ""))
    assert "127.0.0.1" in dialog.outcome.text()
    assert KEY not in dialog.outcome.text()
    QTest.keyClicks(dialog.address, "/other")
    assert dialog.outcome.text() == ""
    dialog.reject()
    assert page.list.rows() == []


async def test_an_address_that_is_none_cant_be_tried_or_saved(open_window: OpenWindow) -> None:
    window = await open_window()
    page = await models_page(window)
    click(page.add_button)
    dialog = await opened(page)
    for address in ("", "models.example.org", "file:///etc/passwd", "http://[::1", "https://"):
        fill(dialog, address)
        assert not dialog.save_button.isEnabled(), address
        assert not dialog.test_button.isEnabled(), address
    dialog.reject()


async def test_what_the_service_refuses_is_said_in_the_dialog_that_stays_open(open_window: OpenWindow) -> None:
    with ScriptedProvider([]) as provider:
        window = await open_window()
        page = await models_page(window)
        click(page.add_button)
        dialog = await opened(page)
        fill(dialog, provider.base_url, key="")
        dialog.key.setText("two words\u2028and a line")
        click(dialog.save_button)
        await until(lambda: dialog.outcome.text())
        assert dialog.isVisible()
        assert "key" in dialog.outcome.text()
        dialog.reject()
        assert page.list.rows() == []


async def test_a_kept_key_is_removed_and_so_is_the_provider(open_window: OpenWindow) -> None:
    with ScriptedProvider([]) as provider:
        window = await open_window()
        page = await models_page(window)
        await connected(page, provider.base_url)
        click(page.edit_button)
        dialog = await opened(page)
        click(dialog.forget_key)
        click(dialog.save_button)
        await until(lambda: page.list.rows() and "key" not in page.list.rows()[0].subtitle)
        click(page.remove_button)
        box = page.findChild(QMessageBox)
        assert box is not None
        click(next(each for each in box.findChildren(QPushButton) if each.text() == "Remove"))
        await until(lambda: not page.list.rows())


async def test_a_server_that_was_found_here_is_connected_with_two_clicks(open_window: OpenWindow) -> None:
    with ScriptedProvider([], models=("llama3.2", "qwen3")) as server:
        window = await open_window()
        page = await models_page(window)
        await until(lambda: not window.tasks.running("settings.ModelsPage.find"))
        found = FoundServer(kind="ollama", name="Ollama", base_url=server.base_url, models=["llama3.2", "qwen3"])
        page.found.show_servers([found])
        assert page.found.buttons[0].accessibleName() == "Connect Ollama"
        assert "Ollama runs on this computer, with 2 models." in every_text(page)
        click(page.found.buttons[0])
        dialog = await opened(page)
        assert (dialog.name.text(), dialog.address.text()) == ("Ollama", server.base_url)
        click(dialog.save_button)
        await until(lambda: [row.id for row in page.list.rows()] == ["ollama"])
        assert page.list.rows()[0].subtitle.endswith("this computer")


async def test_a_second_provider_of_a_kind_gets_a_name_of_its_own(open_window: OpenWindow) -> None:
    with ScriptedProvider([]) as provider:
        window = await open_window()
        page = await models_page(window)
        await connected(page, provider.base_url, "First")
        await connected(page, provider.base_url, "Second")
        assert [row.id for row in page.list.rows()] == ["other", "other-2"]


async def test_which_model_answers_which_name_is_kept(open_window: OpenWindow) -> None:
    window = await open_window()
    page = await models_page(window)
    click(page.table.add_button)
    line = page.table.lines[0]
    QTest.keyClicks(line.name, "gpt-4-turbo")
    QTest.keyClicks(line.box.edit, "deskside-reader")
    QTest.keyClick(line.box.edit, Qt.Key.Key_Return)
    models = window.session.service.models
    await until(lambda: not window.tasks.running("settings.ModelsPage.routing"))
    assert (await models.routing()).names == {"gpt-4-turbo": "deskside-reader"}
    click(page.table.lines[0].remove_button)
    await until(lambda: not window.tasks.running("settings.ModelsPage.routing"))
    assert (await models.routing()).names == {}


async def test_settings_open_from_the_menu_and_only_once(open_window: OpenWindow) -> None:
    window = await open_window(connected=False)
    action = next(
        each
        for menu in window.menuBar().actions()
        for each in (menu.menu().actions() if menu.menu() else [])
        if each.text().replace("&", "") == "Settings…"
    )
    assert action.shortcut().toString() == "Ctrl+,"
    action.trigger()
    first = window.open_settings()
    assert window.open_settings("Local models") is first
    assert first.names.currentItem().text() == "Local models"
