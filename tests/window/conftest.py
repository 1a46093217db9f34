"""The window's tests: no screen, the window's own event loop, and nothing may be left behind."""

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.qt_loop import pytest_asyncio_loop_factories

if TYPE_CHECKING:
    from desktop_app.window.main_window import MainWindow

__all__ = ["pytest_asyncio_loop_factories"]

OpenWindow = Callable[..., Awaitable["MainWindow"]]

SHARED_THREADS = ("pdf",)
"""Threads that the program keeps until it ends, by the beginning of their names."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt fails a test, but for the one that its offscreen platform gives for each window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: object) -> Iterator[None]:
    """Fails a test that leaves top-level widgets or threads."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    widgets_before = set(map(id, QApplication.topLevelWidgets()))
    threads_before = set(threading.enumerate())
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    widgets = [each for each in QApplication.topLevelWidgets() if id(each) not in widgets_before]
    shown = [repr(each) for each in widgets if each.isVisible()]
    threads = [
        each.name
        for each in threading.enumerate()
        if each not in threads_before and not each.name.startswith(SHARED_THREADS)
    ]
    assert not shown, f"top-level widgets are left: {shown}"
    assert not threads, f"threads are left: {threads}"


@pytest.fixture
async def open_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenWindow]:
    """`await open_window()`: the real window with its real service process, shown and connected.

    `connected=False` does not wait for the service. A second call opens the same data folder again; every window is
    closed at the end of the test, and must not leave tasks behind.
    """
    from desktop_app.client.local_service import LocalService
    from desktop_app.window.frame import Frame
    from desktop_app.window.link import ServiceLink
    from desktop_app.window.main_window import MainWindow
    from desktop_app.window.memory import Memory
    from desktop_app.window.tasks import Tasks
    from desktop_app.window.theme import Theme

    monkeypatch.setenv("DESKSIDE_API_KEY", "the-key-of-this-test")
    monkeypatch.setenv("DESKSIDE_THEME", "light")
    data_dir = tmp_path / "data"
    data_dir.mkdir(exist_ok=True)
    before = asyncio.all_tasks()
    frames: list[Frame] = []
    windows: list[MainWindow] = []
    Theme.current().apply()

    async def open_one(
        files: Sequence[Path] = (), service: LocalService | None = None, connected: bool = True
    ) -> MainWindow:
        frame = Frame(Memory(data_dir))
        frames.append(frame)
        frame.show()
        link = ServiceLink(data_dir, Tasks(), service)
        window = MainWindow(data_dir, link, files)
        windows.append(window)
        frame.furnish(window)
        link.start()
        if connected:
            await until(window.session.loaded.is_set, 90)
        return window

    yield open_one
    for window in windows:
        await close(window)
    left = [task.get_name() for task in asyncio.all_tasks() - before - {asyncio.current_task()}]
    assert not left, f"tasks are left: {left}"


async def close(window: "MainWindow") -> None:
    """Close a window as a person would, and wait until everything it started has ended."""
    if window.ended:
        return
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    window.window().close()
    async with asyncio.timeout(30):
        await closed.wait()
    window.window().deleteLater()


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something a person would see."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"this did not come true within {seconds:.0f} s"
        await asyncio.sleep(0.02)
