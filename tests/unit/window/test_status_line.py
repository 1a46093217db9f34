import pytest
from pytestqt.qtbot import QtBot

from desktop_app.window.status_line import ON_THIS_COMPUTER, STARTING, StatusLine
from desktop_app.wire.answers import READER_MODEL
from desktop_app.wire.extensions import ModelFilesState, ServiceStatus


def line(qtbot: QtBot) -> StatusLine:
    line = StatusLine()
    qtbot.addWidget(line)
    return line


def status(provider: str = "", **model_files: object) -> ServiceStatus:
    files = ModelFilesState.model_validate({"state": "ready"} | model_files)
    return ServiceStatus(version="1", data_dir="/x", provider=provider, model_files=files)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (None, STARTING),
        (status(), ON_THIS_COMPUTER),
        (status("api.example.org"), "Questions, and the passages found for them, go to api.example.org."),
        (status(state="fetching", progress=0.421), "Fetching the model files for search, once: 42%"),
        (status(state="building", progress=0.9), "Building the model files for search, once: 90%"),
    ],
)
def test_the_line_says_where_questions_go(qtbot: QtBot, told: ServiceStatus | None, words: str) -> None:
    shown = line(qtbot)
    shown.show_status(told)
    assert shown.text.text() == words


def test_an_assistant_of_the_reader_sends_nothing_away_even_beside_a_provider(qtbot: QtBot) -> None:
    shown = line(qtbot)
    shown.show_status(status("api.example.org"), READER_MODEL)
    assert shown.text.text() == ON_THIS_COMPUTER
    shown.show_status(status("api.example.org"), "gpt-5")
    assert "api.example.org" in shown.text.text()


def test_the_bar_is_there_only_while_model_files_are_fetched(qtbot: QtBot) -> None:
    shown = line(qtbot)
    shown.show_status(status(state="fetching", progress=0.5))
    assert not shown.progress.isHidden()
    assert shown.progress.value() == 500
    shown.show_status(status())
    assert shown.progress.isHidden()
