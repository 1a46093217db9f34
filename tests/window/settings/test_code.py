"""The page of the code interpreter, against a real service."""

from desktop_app.window.settings.code_page import LEVELS, TESTING, CodePage
from tests.window.conftest import OpenWindow, until
from tests.window.settings.test_providers import click


async def test_the_page_says_how_code_is_confined_and_attacks_the_sandbox(open_window: OpenWindow) -> None:
    window = await open_window()
    page = window.open_settings("Code interpreter").page
    assert isinstance(page, CodePage)
    await until(lambda: page.message.text())
    sandbox = (await window.session.service.extensions.status()).sandbox
    assert page.level.text() == LEVELS[sandbox.level][2]
    assert page.message.text() == sandbox.message
    click(page.test_button)
    assert page.outcome.text() == TESTING
    await until(lambda: page.outcome.text() != TESTING, 120)
    assert page.test_button.isEnabled()
    assert page.outcome.text() or page.notices.shown
