"""Who answers: what is asked of the service, and that no change is missed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.client.errors import RefusedError
from desktop_app.window.memory import Memory
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.wire.extensions import Change
from desktop_app.wire.models import ModelExtension


class Answers:
    """Answers slowly, with what holds when it is asked."""

    def __init__(self) -> None:
        self.provider = "first"
        self.asked = 0

    async def who_answers(self, name: str) -> ModelExtension:
        self.asked += 1
        provider = self.provider
        await asyncio.sleep(0.01)
        if not provider:
            raise RefusedError(f"No model '{name}' is there.", 404)
        return ModelExtension(provider_id=provider, provider_name=provider, name=name, where=provider, runs_here=True)


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[tuple[Session, Answers]]:
    tasks, answers = Tasks(), Answers()
    session = Session(tasks, Memory(tmp_path))
    connection: Any = SimpleNamespace(models=answers)
    session.connection = connection
    assistant: Any = SimpleNamespace(id="asst_1", model="large", name="A", tool_resources=None)
    session.assistants, session.assistant_id = [assistant], "asst_1"
    yield session, answers
    await tasks.close()


async def settled(session: Session) -> None:
    for _ in range(200):
        await asyncio.sleep(0.005)
        if not session.choice._tasks.running("model.answering.large"):
            return


async def test_many_signals_at_once_ask_once_and_the_answer_comes(window: tuple[Session, Answers]) -> None:
    session, answers = window
    for _ in range(20):
        session.assistants_changed.emit()
        session.threads_changed.emit()
    await settled(session)
    assert session.choice.answering is not None
    assert answers.asked == 1


async def test_a_change_while_it_is_asked_is_not_missed(window: tuple[Session, Answers]) -> None:
    session, answers = window
    session.assistants_changed.emit()
    await asyncio.sleep(0)
    answers.provider = "second"
    session.choice.read_again()
    await settled(session)
    assert session.choice.answering is not None
    assert session.choice.answering.provider_id == "second"


async def test_who_answers_is_kept_until_another_one_is_known(window: tuple[Session, Answers]) -> None:
    session, answers = window
    await session.choice.learn(["large"])
    answers.provider = ""
    session.notice(Change(kind="model", id="first", action="deleted"))
    assert session.choice.answering is not None
    for _ in range(100):
        await asyncio.sleep(0.01)
        if session.choice.problem:
            break
    assert session.choice.problem == "No model 'large' is there."
    assert session.choice.answering is None
    answers.provider = "second"
    session.choice.read_again()
    await settled(session)
    assert session.choice.problem == ""
    assert session.choice.answering is not None
