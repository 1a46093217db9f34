"""Local models in the Settings dialog, against a real service."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton

from desktop_app.window.main_window import MainWindow
from desktop_app.window.settings.local_options import LocalOptionsDialog
from desktop_app.window.settings.local_page import CatalogueLine, LocalPage
from desktop_app.wire.models import CatalogueEntry, Download
from tests.support.gguf import gguf
from tests.window.conftest import OpenWindow, until
from tests.window.settings.test_providers import click

ENTRY = CatalogueEntry(
    id="tiny", name="Tiny", good_for="Trying things out.", bytes=98_362_432, licence="Apache-2.0", source="https://x"
)


async def local_page(window: MainWindow) -> LocalPage:
    page = window.open_settings("Local models").page
    assert isinstance(page, LocalPage)
    await until(lambda: page.catalogue.lines)
    return page


async def test_a_file_of_the_disk_is_opened_set_up_and_removed_and_stays(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    file = tmp_path / "my-model.gguf"
    file.write_bytes(gguf())
    window = await open_window()
    page = await local_page(window)
    page.add(file)
    await until(lambda: "my-model" in [row.title for row in page.list.rows()])
    row = next(each for each in page.list.rows() if each.title == "my-model")
    page.list.set_rows(page.list.rows(), row.id)
    assert "4,096 tokens of context" in row.subtitle
    assert "loads when it is asked" in row.subtitle
    page._show_buttons()
    click(page.options_button)
    dialog = page.findChild(LocalOptionsDialog)
    assert dialog is not None
    assert dialog.context.number() is None
    dialog.threads.automatic.setChecked(False)
    dialog.threads.field.setValue(2)
    click(dialog.save_button)
    models = window.session.service.models
    await until(lambda: not window.tasks.running("settings.LocalPage.options"))
    options = next(each.options for each in (await models.local()).models if each.id == row.id)
    assert (options.threads, options.context_tokens) == (2, None)
    click(page.remove_button)
    box = page.findChild(QMessageBox)
    assert box is not None
    click(next(each for each in box.findChildren(QPushButton) if each.text() == "Remove"))
    await until(lambda: row.id not in [each.id for each in page.list.rows()])
    assert file.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"no model at all", gguf(missing=400), b"GGUF" + b"\xff" * 100],
    ids=["empty", "text", "cut", "lies"],
)
async def test_a_file_that_is_no_model_is_refused_in_words_on_the_page(
    open_window: OpenWindow, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(content)
    window = await open_window()
    page = await local_page(window)
    page.add(file)
    await until(lambda: page.notices.shown)
    assert page.notices.shown is not None
    assert "broken.gguf" in page.notices.shown.text
    assert "broken" not in [row.title for row in page.list.rows()]


async def test_a_download_that_fails_says_why_and_can_be_tried_again(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_MODELS_DIR", str(tmp_path / "models"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    window = await open_window()
    page = await local_page(window)
    line = next(iter(page.catalogue.lines.values()))
    assert line.state.isHidden()
    click(line.button)
    await until(lambda: line.state.text() and line.button.text() == "Download", 60)
    assert not line.state.isHidden()
    assert line.progress.isHidden()
    assert line.button.isEnabled()


def test_a_download_shows_how_far_it_is_and_can_be_given_up(qapp: object) -> None:
    line = CatalogueLine(ENTRY)
    wanted: list[str] = []
    given_up: list[str] = []
    line.wanted.connect(wanted.append)
    line.given_up.connect(given_up.append)
    click(line.button)
    line.show_state(Download(state="fetching", bytes_done=49_181_216, bytes_total=98_362_432), False, True)
    assert line.progress.value() == 500
    assert line.state.text() == "49 MB of 98 MB"
    assert line.button.accessibleName() == "Cancel Tiny"
    click(line.button)
    line.show_state(Download(state="ready"), True, True)
    assert not line.button.isEnabled()
    click(line.button)
    assert (wanted, given_up) == (["tiny"], ["tiny"])
    line.deleteLater()
