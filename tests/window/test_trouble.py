"""What goes wrong is said in words, nothing is lost, and there is a way on."""

import os
import signal
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.client.local_service import LocalService
from desktop_app.documents.model_files import ModelFiles
from desktop_app.window import operations
from desktop_app.window.main_window import MainWindow
from tests.support.scripted_provider import ScriptedProvider, Turn

from .conftest import OpenWindow, close, until

SLOW_WORDS = Turn(text="word " * 2000, rate=40)


def notice(window: MainWindow) -> str:
    shown = window.conversation.notices.shown
    return shown.text if shown is not None else ""


def use_provider(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    monkeypatch.setenv("DESKSIDE_PROVIDER_URL", base_url)
    monkeypatch.setenv("DESKSIDE_PROVIDER_KEY", "provider-key")
    monkeypatch.setenv("DESKSIDE_FILE_SEARCH", "model")


async def ask(window: MainWindow, question: str = "What is written there?") -> None:
    """Put a question to an assistant whom the provider answers for (the sample assistant is the reader's)."""
    if window.session.thread_id is None:
        scripted = await operations.create_assistant(
            window.session.service, name="Scripted", instructions="", model="scripted"
        )
        await window.session.load_assistants()
        window.session.select_assistant(scripted)
    window.conversation.composer.set_text(question)
    window.conversation.composer.send.click()
    await until(lambda: window.asking.busy)


def written(window: MainWindow) -> str:
    return "".join(item.text for item in window.asking.items if item.role == "assistant")


async def test_a_service_that_cant_start_is_said_in_words_with_a_way_on(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    program = tmp_path / "service.py"
    program.write_text("import sys; sys.exit('The database is locked by another program.')")
    window = await open_window(service=LocalService(tmp_path, [sys.executable, str(program)]), connected=False)
    await until(lambda: notice(window))
    assert "The database is locked by another program." in notice(window)
    assert not window.conversation.composer.can_send()
    program.write_text("import sys; sys.exit('Still locked.')")
    qtbot.mouseClick(window.conversation.notices.action_button, Qt.MouseButton.LeftButton)
    await until(lambda: "Still locked." in notice(window))


async def test_a_second_window_on_the_same_folder_uses_the_running_service(open_window: OpenWindow) -> None:
    first = await open_window()
    second = await open_window()
    assert second.link.service_pid is None
    await close(second)
    assert first.session.connection is not None
    assert (await first.session.service.extensions.status()).version


async def test_stop_ends_the_answer_and_keeps_what_was_written(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with ScriptedProvider([SLOW_WORDS]) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window)
        await until(lambda: written(window))
        qtbot.mouseClick(window.conversation.composer.stop, Qt.MouseButton.LeftButton)
        await until(lambda: not window.asking.busy)
        answer = window.asking.items[-1]
        assert answer.status == "stopped"
        assert answer.text.startswith("word word")
        assert window.conversation.composer.send.isVisible()


async def test_a_provider_that_is_down_leaves_the_question_and_a_retry_that_works(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [Turn(status=503, error="The provider is down for maintenance.")] * 8 + [Turn(text="It is written here.")]
    with ScriptedProvider(turns) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window, "Where is it written?")
        await until(lambda: not window.asking.busy, 60)
        question, failed = window.asking.items
        assert question.text == "Where is it written?"
        assert failed.status == "failed"
        assert failed.note
        provider.turns[:] = [Turn(text="It is written here.")]
        window.conversation.view.retry_clicked.emit(failed.id)
        await until(lambda: "It is written here." in written(window) and not window.asking.busy, 60)
        assert [item.role for item in window.asking.items] == ["user", "assistant"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_a_service_that_is_killed_while_it_answers_can_be_started_again(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with ScriptedProvider([SLOW_WORDS]) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window, "A question that must not be lost")
        await until(lambda: written(window))
        assert window.link.service_pid is not None
        os.kill(window.link.service_pid, signal.SIGKILL)
        await until(lambda: "ended unexpectedly" in notice(window))
        await until(lambda: not window.asking.busy)
        assert window.asking.items[0].text == "A question that must not be lost"
        assert window.asking.items[-1].status == "failed"
        assert not window.conversation.composer.can_send()
        qtbot.mouseClick(window.conversation.notices.action_button, Qt.MouseButton.LeftButton)
        await until(lambda: window.session.connection is not None, 60)
        await until(lambda: window.session.threads and not window.asking.busy)
        assert window.asking.items[0].text == "A question that must not be lost"
        provider.turns[:] = [Turn(text="Answered after all.")]
        window.asking.retry()
        await until(lambda: "Answered after all." in written(window), 30)


async def test_closing_while_an_answer_is_streamed_ends_everything(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([SLOW_WORDS]) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window)
        await until(lambda: written(window))
        pid = window.link.service_pid
        await close(window)
        assert window.link.service_pid is None
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_an_answer_goes_on_while_another_thread_is_looked_at(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([Turn(text="word " * 60, rate=40)]) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window)
        await until(lambda: written(window))
        busy_thread = window.session.thread_id
        window.new_thread()
        assert window.asking.items == []
        assert not window.asking.busy
        window.session.select_thread(busy_thread)
        assert window.asking.busy
        await until(lambda: not window.asking.busy, 30)
        assert written(window).split() == ["word"] * 60


async def test_a_question_to_a_thread_that_is_answered_elsewhere_is_kept(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([SLOW_WORDS]) as provider:
        use_provider(monkeypatch, provider.base_url)
        window = await open_window()
        await ask(window, "The first question")
        await until(lambda: written(window))
        other = await open_window()
        other.session.select_thread(window.session.thread_id)
        await until(lambda: other.asking.busy)
        assert other.conversation.composer.stop.isVisible()
        other.conversation.composer.stop.click()
        await until(lambda: not other.asking.busy, 30)
        await until(lambda: not window.asking.busy, 30)


async def test_without_model_files_and_network_the_window_says_what_is_missing(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_files: ModelFiles
) -> None:
    monkeypatch.setenv("DESKSIDE_MODELS_DIR", str(tmp_path / "no-models"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    window = await open_window()
    await until(lambda: notice(window), 60)
    assert window.session.status is not None
    assert notice(window) == window.session.status.model_files.error
