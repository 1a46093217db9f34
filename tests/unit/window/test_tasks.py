import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from desktop_app.window import tasks as tasks_module
from desktop_app.window.tasks import Tasks


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.close()


def failures_of(tasks: Tasks) -> list[tuple[str, object]]:
    failures: list[tuple[str, object]] = []
    tasks.failed.connect(lambda name, error: failures.append((name, error)))
    return failures


async def test_a_task_runs_under_its_name_and_frees_it_at_the_end(tasks: Tasks) -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    task = tasks.start("work", work())
    assert task is not None
    assert tasks.running("work")
    assert await task == "done"
    await asyncio.sleep(0.01)
    assert not tasks.running("work")


async def test_a_name_is_not_started_twice_and_the_second_coroutine_is_closed(tasks: Tasks) -> None:
    started = []

    async def work(number: int) -> None:
        started.append(number)
        await asyncio.sleep(30)

    assert tasks.start("work", work(1)) is not None
    second = work(2)
    assert tasks.start("work", second) is None
    assert second.cr_frame is None, "a coroutine left open would warn that it was never awaited"
    await asyncio.sleep(0.01)
    assert started == [1]


async def test_cancelling_frees_the_name_at_once_and_ends_the_task_quietly(tasks: Tasks) -> None:
    failures = failures_of(tasks)
    first = tasks.start("work", asyncio.sleep(30))
    await asyncio.sleep(0)
    assert tasks.cancel("work")
    assert not tasks.running("work")
    second = tasks.start("work", asyncio.sleep(0, "second"))
    assert first is not None
    assert second is not None
    assert await second == "second"
    assert first.cancelled()
    assert failures == []
    assert not tasks.cancel("work")


async def test_a_restart_lets_the_newest_wish_win(tasks: Tasks) -> None:
    first = tasks.restart("show", asyncio.sleep(30, "old"))
    second = tasks.restart("show", asyncio.sleep(0.01, "new"))
    assert first is not None
    assert second is not None
    assert await second == "new"
    assert first.cancelled()


async def test_the_end_of_a_cancelled_task_does_not_free_its_successors_name(tasks: Tasks) -> None:
    tasks.start("show", asyncio.sleep(30))
    await asyncio.sleep(0)
    tasks.restart("show", asyncio.sleep(30))
    await asyncio.sleep(0.02)
    assert tasks.running("show")


async def test_a_failure_is_told_once_with_its_name(tasks: Tasks) -> None:
    failures = failures_of(tasks)
    error = RuntimeError("no luck")

    async def work() -> None:
        raise error

    tasks.start("work", work())
    await asyncio.sleep(0.02)
    assert failures == [("work", error)]
    assert tasks.start("work", asyncio.sleep(0)) is not None


async def test_closing_cancels_what_runs_and_waits_for_its_streams(tasks: Tasks) -> None:
    closed = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0.001)
        finally:
            await asyncio.sleep(0.02)
            closed.append("stream")

    async def work() -> None:
        from contextlib import aclosing

        async with aclosing(stream()) as items:
            async for _ in items:
                pass

    task = tasks.start("work", work())
    await asyncio.sleep(0.01)
    await tasks.close()
    assert closed == ["stream"]
    assert task is not None
    assert task.cancelled()


async def test_nothing_starts_after_closing(tasks: Tasks) -> None:
    await tasks.close()
    late = asyncio.sleep(30)
    assert tasks.start("late", late) is None
    assert late.cr_frame is None


def test_a_last_signal_after_the_loop_has_stopped_starts_nothing(qapp: object) -> None:
    late = asyncio.sleep(30)
    assert Tasks().start("late", late) is None
    assert late.cr_frame is None


async def test_a_task_may_close_all_others_and_itself_goes_on(tasks: Tasks) -> None:
    other = tasks.start("other", asyncio.sleep(30))
    ended = []

    async def leave() -> None:
        await tasks.close()
        ended.append("leave")

    leaving = tasks.start("leave", leave())
    assert leaving is not None
    await leaving
    assert ended == ["leave"]
    assert other is not None
    assert other.cancelled()


async def test_closing_does_not_wait_for_ever_for_a_task_that_refuses(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks_module, "CLOSE_TIMEOUT_S", 0.05)
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    task = tasks.start("stubborn", stubborn())
    await asyncio.sleep(0)
    await tasks.close()
    assert "stubborn" in caplog.text
    let_go.set()
    assert task is not None
    await task
