import pytest
from pytestqt.qtbot import QtBot

from desktop_app.window.status_line import ON_THIS_COMPUTER, STARTING, StatusLine
from desktop_app.wire.answers import READER_PROVIDER
from desktop_app.wire.extensions import ModelFilesState, ServiceStatus
from desktop_app.wire.models import ModelExtension


def line(qtbot: QtBot) -> StatusLine:
    line = StatusLine()
    qtbot.addWidget(line)
    return line


def status(**model_files: object) -> ServiceStatus:
    files = ModelFilesState.model_validate({"state": "ready"} | model_files)
    return ServiceStatus(version="1", data_dir="/x", model_files=files)


def told(name: str, provider: str, where: str, *, here: bool = False, provider_id: str = "p") -> ModelExtension:
    return ModelExtension(provider_id=provider_id, provider_name=provider, name=name, where=where, runs_here=here)


@pytest.mark.parametrize(
    ("answering", "words"),
    [
        (None, STARTING),
        (told("gpt-4", "Reader", "this computer", here=True, provider_id=READER_PROVIDER), ON_THIS_COMPUTER),
        (
            told("gpt-4o", "OpenAI", "OpenAI (api.openai.com)"),
            "Will be sent to OpenAI (api.openai.com), model gpt-4o, with the passages found for it.",
        ),
        (told("llama3.2", "Ollama", "this computer", here=True), "Stays on this computer (Ollama, llama3.2)."),
    ],
)
def test_the_line_says_where_the_question_goes(qtbot: QtBot, answering: ModelExtension | None, words: str) -> None:
    shown = line(qtbot)
    shown.show_destination(answering)
    assert shown.text.text() == words
    assert shown.text.accessibleDescription() == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (status(state="fetching", progress=0.421), "Fetching the model files for search, once: 42%"),
        (status(state="building", progress=0.9), "Building the model files for search, once: 90%"),
    ],
)
def test_where_the_question_goes_stays_in_sight_while_model_files_come(
    qtbot: QtBot, state: ServiceStatus, words: str
) -> None:
    shown = line(qtbot)
    shown.show_destination(told("gpt-4o", "OpenAI", "api.openai.com"))
    shown.show_status(state)
    assert shown.files.text() == words
    assert "api.openai.com" in shown.text.text()


def test_the_bar_is_there_only_while_model_files_are_fetched(qtbot: QtBot) -> None:
    shown = line(qtbot)
    shown.show_status(status(state="fetching", progress=0.5))
    assert not shown.progress.isHidden()
    assert shown.progress.value() == 500
    shown.show_status(status())
    assert shown.progress.isHidden()
