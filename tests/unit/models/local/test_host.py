"""A real model in its real process: loaded, asked, interrupted, killed, left alone."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    FunctionTool,
    ModelError,
    ModelPart,
    ModelRequest,
    Passage,
    Preparing,
    TextDelta,
    Turn,
)
from desktop_app.models.base import Image as Picture
from desktop_app.models.local.source import LocalSource
from desktop_app.wire.errors import ApiError
from desktop_app.wire.models import LocalModel, LocalOptions
from tests.support.gguf import FIELDS, gguf
from tests.support.processes import children

PLANTED = "sk-planted-for-local-models"
_PATIENCE_S = 60
_LONG = "Tell a very long story about a king and a queen."


class Desk:
    """The source of local models with SmolLM2 in it; `changes` are the ids that it told of."""

    def __init__(self, folder: Path, data_dir: Path, idle_s: float) -> None:
        self.changes: list[str] = []
        self.source = LocalSource(folder, data_dir, idle_s, self.changes.append)
        self.model_id = ""

    async def stream(self, question: str, **fields: Any) -> AsyncIterator[ModelPart]:
        model = await self.source.model(self.model_id)
        request = ModelRequest(model="any", turns=[Turn("user", question)], **{"temperature": 0.0} | fields)
        async with aclosing(model.stream(request)) as parts:  # type: ignore[type-var]  # models are generators
            async for part in parts:
                yield part

    async def ask(self, question: str, **fields: Any) -> str:
        return "".join([p.text async for p in self.stream(question, **fields) if isinstance(p, TextDelta)])

    async def ask_and_send(self, sent: int) -> None:
        """Send the model's process a signal in the middle of its answer."""
        process: psutil.Process | None = None
        async for part in self.stream(_LONG):
            if process is None and isinstance(part, TextDelta):
                (process,) = children("model-worker")
                process.send_signal(sent)

    async def shown(self) -> LocalModel:
        overview = await self.source.overview()
        return next(model for model in overview.models if model.id == self.model_id)


@pytest_asyncio.fixture
async def desk(small_model: Path, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """`@pytest.mark.parametrize("desk", [seconds], indirect=True)` for a model that is soon idle."""
    tmp_path.joinpath("data").mkdir()
    made = Desk(tmp_path / "models", tmp_path / "data", getattr(request, "param", 600.0))
    made.model_id = (await made.source.add(small_model)).id
    yield made
    await made.source.close()
    assert children("model-worker") == []


async def until(right: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not right():  # noqa: ASYNC110  # of another process there is no event
            await asyncio.sleep(0.02)


async def test_a_model_loads_answers_and_counts_its_tokens(desk: Desk) -> None:
    parts = [part async for part in desk.stream("Count from one to five.")]
    assert [part.text for part in parts if isinstance(part, Preparing)] == [
        "Loading SmolLM2 135M Instruct...",
        "SmolLM2 135M Instruct reads the question...",
    ]
    words = [part.text for part in parts if isinstance(part, TextDelta)]
    assert len(words) > 5
    assert "3" in "".join(words)
    finished = parts[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "stop"
    assert finished.usage.prompt_tokens > 20
    assert finished.usage.completion_tokens >= len(words)
    again = [part async for part in desk.stream("Say hello.") if isinstance(part, Preparing)]
    assert [part.text for part in again] == ["SmolLM2 135M Instruct reads the question..."]


async def test_what_was_found_for_the_question_is_read(desk: Desk) -> None:
    passage = Passage("[1]", "hours.md", "The workshop opens at nine.", 0.9)
    assert "nine" in await desk.ask("When does the workshop open?", passages=[passage])


async def test_a_model_that_knows_no_calls_calls_a_function_as_its_schema_says(desk: Desk) -> None:
    city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    weather = FunctionTool("weather", "Tells the weather of a city.", city | {"additionalProperties": False})
    assert not (await desk.source.model(desk.model_id)).calls_tools
    asked = desk.stream("How is the weather in Paris?", tools=[weather], tool_choice="required")
    *_, started, arguments, finished = [part async for part in asked]
    assert isinstance(started, CallStarted)
    assert started.name == "weather"
    assert isinstance(arguments, CallArguments)
    assert list(json.loads(arguments.fragment)) == ["city"]
    assert isinstance(finished, Finished)


async def test_an_answer_may_have_a_limit_and_a_form(desk: Desk) -> None:
    parts = [part async for part in desk.stream(_LONG, max_completion_tokens=5)]
    assert isinstance(parts[-1], Finished)
    assert (parts[-1].reason, parts[-1].usage.completion_tokens) == ("length", 5)
    schema = {
        "type": "object",
        "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "colour", "schema": schema}}
    answer = await desk.ask("Tell me about colours.", response_format=form, max_completion_tokens=40)
    assert "".join(answer.split()) in ('{"colour":"red"}', '{"colour":"blue"}')


async def test_the_state_is_told_as_it_changes(desk: Desk) -> None:
    assert (await desk.shown()).state == "stopped"
    async with aclosing(desk.stream("Say hello.")) as parts:  # type: ignore[type-var]
        assert isinstance(await anext(parts), Preparing)
        desk.changes.clear()
        loading = asyncio.ensure_future(anext(parts))
        await until(lambda: bool(desk.changes))
        assert (await desk.shown()).state == "loading"
        await loading
    shown = await desk.shown()
    assert shown.state == "running"
    assert shown.chosen is not None
    assert shown.chosen.context_tokens == shown.context_tokens == 8192
    assert len(desk.changes) == 2


async def test_options_hold_from_the_next_question_on(desk: Desk) -> None:
    await desk.ask("Say hello.", max_completion_tokens=3)
    (before,) = children("model-worker")
    await desk.source.set_options(desk.model_id, LocalOptions(context_tokens=512, threads=1))
    with pytest.raises(ModelError, match="longer than SmolLM2 135M Instruct can read") as refused:
        await desk.ask("word " * 600)
    assert refused.value.too_long
    assert not before.is_running()
    assert (await desk.shown()).chosen == LocalOptions(context_tokens=512, threads=1, gpu_layers=0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not Windows'")
async def test_a_killed_process_ends_its_answer_with_a_sentence_and_the_next_question_starts_another(
    desk: Desk,
) -> None:
    with pytest.raises(ModelError, match="stopped in the middle of its answer: the process that runs it was ended"):
        await desk.ask_and_send(signal.SIGKILL)
    assert (await desk.shown()).state == "stopped"
    assert "3" in await desk.ask("Count from one to five.")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not Windows'")
async def test_a_crash_is_told_from_a_kill(desk: Desk) -> None:
    with pytest.raises(ModelError, match=r"crashed \(exit code -11\)"):
        await desk.ask_and_send(signal.SIGSEGV)


async def test_a_process_that_is_killed_between_two_questions_is_replaced(desk: Desk) -> None:
    await desk.ask("Say hello.", max_completion_tokens=3)
    children("model-worker")[0].kill()
    async with asyncio.timeout(_PATIENCE_S):
        while (await desk.shown()).state == "running":  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.02)
    assert "3" in await desk.ask("Count from one to five.")


async def test_who_stops_listening_stops_the_model(desk: Desk) -> None:
    async with aclosing(desk.stream(_LONG)) as parts:  # type: ignore[type-var]
        async for part in parts:
            if isinstance(part, TextDelta):
                break
    (process,) = children("model-worker")  # it goes on with the next question, and with nothing else
    assert "3" in await desk.ask("Count from one to five.")
    assert children("model-worker") == [process]
    before = process.cpu_times().user
    await asyncio.sleep(0.5)
    assert process.cpu_times().user - before < 0.2


async def test_a_question_that_is_still_read_can_be_stopped_too(desk: Desk) -> None:
    await desk.ask("Say hello.", max_completion_tokens=3)
    (process,) = children("model-worker")
    asking = asyncio.ensure_future(desk.ask("A king and a queen. " * 1200))
    busy = process.cpu_times().user
    await until(lambda: process.cpu_times().user > busy + 0.2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: not process.is_running())
    assert "3" in await desk.ask("Count from one to five.")


async def test_a_load_that_is_stopped_leaves_nothing(desk: Desk) -> None:
    asking = asyncio.ensure_future(desk.ask("Say hello."))
    await until(lambda: bool(children("model-worker")))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert children("model-worker") == []
    assert "3" in await desk.ask("Count from one to five.")


async def test_questions_take_turns(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask("Count from one to five.") for _ in range(3)))
    assert len(set(answers)) == 1
    assert "3" in answers[0]
    assert len(children("model-worker")) == 1


@pytest.mark.parametrize("desk", [0.2], indirect=True)
async def test_a_model_that_nobody_asks_leaves_the_memory(desk: Desk) -> None:
    await desk.ask("Say hello.", max_completion_tokens=3)
    await until(lambda: not children("model-worker"))
    assert (await desk.shown()).state == "stopped"
    assert "3" in await desk.ask("Count from one to five.")


async def test_a_model_that_answers_is_not_removed(desk: Desk) -> None:
    async with aclosing(desk.stream("Say hello.")) as parts:  # type: ignore[type-var]
        async for part in parts:
            if isinstance(part, TextDelta):
                with pytest.raises(ApiError, match="is answering a question"):
                    await desk.source.remove(desk.model_id)
                break
    await desk.source.remove(desk.model_id)


async def test_a_model_that_is_removed_leaves_the_memory_and_its_file_stays(desk: Desk, small_model: Path) -> None:
    await desk.ask("Say hello.", max_completion_tokens=3)
    await desk.source.remove(desk.model_id)
    assert children("model-worker") == []
    assert await asyncio.to_thread(small_model.exists)
    with pytest.raises(ModelError, match="There is no local model"):
        await desk.ask("Say hello.")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gguf(), "could not be loaded"),
        (gguf(FIELDS | {"general.architecture": "futuristic"}), "models of the kind 'futuristic' are not known here"),
    ],
)
async def test_a_file_with_a_good_header_and_nothing_behind_it_is_refused_in_words(
    desk: Desk, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "strange.gguf").write_bytes(content)
    desk.model_id = (await desk.source.add(tmp_path / "strange.gguf")).id
    with pytest.raises(ModelError, match=says) as refused:
        await desk.ask("Say hello.")
    shown = await desk.shown()
    assert (shown.state, shown.error) == ("failed", refused.value.message)
    assert children("model-worker") == []


async def test_a_vocabulary_that_contradicts_itself_is_refused_in_words(
    desk: Desk, small_model: Path, tmp_path: Path
) -> None:
    """Its header is fine: only llama.cpp can tell."""
    damaged = tmp_path / "damaged.gguf"
    await asyncio.to_thread(write_with, damaged, small_model, {b"tokenizer.ggml.model": b"tokenizer.ggml.modem"})
    desk.model_id = (await desk.source.add(damaged)).id
    with pytest.raises(ModelError, match="damaged could not be loaded"):
        await desk.ask("Say hello.")
    assert children("model-worker") == []


def write_with(target: Path, source: Path, changes: dict[bytes, bytes]) -> None:
    content = source.read_bytes()
    for before, after in changes.items():
        assert before in content
        content = content.replace(before, after)
    target.write_bytes(content)


async def test_images_are_refused_in_words_or_left_out(desk: Desk) -> None:
    model = await desk.source.model(desk.model_id)
    shown = Turn("user", "Look.", images=[Picture("https://example.org/a.png", at=5)])
    with pytest.raises(ModelError, match="can't see images"):
        async for _ in model.stream(ModelRequest("any", [shown])):
            pass
    turns = [shown, Turn("assistant", "I see."), Turn("user", "Say hello.")]
    parts = [part async for part in model.stream(ModelRequest("any", turns, max_completion_tokens=3))]
    assert isinstance(parts[-1], Finished)


async def test_the_process_has_no_keys_no_network_and_no_open_port(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DESKSIDE_PROVIDER_KEY", "OPENAI_API_KEY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, PLANTED)
    await desk.ask("Say hello.", max_completion_tokens=3)
    (process,) = children("model-worker")
    assert PLANTED not in process.environ().values()
    assert not any(PLANTED in each for each in process.cmdline())
    if sys.platform == "linux":  # should memory run out, the system ends it before anything else
        assert await asyncio.to_thread(Path(f"/proc/{process.pid}/oom_score_adj").read_text) == "1000\n"
    if sys.platform != "win32":
        assert process.net_connections("inet") == []
        sockets = [Path(each.laddr) for each in process.net_connections("unix") if each.laddr]
        assert await asyncio.to_thread(lambda: [each for each in sockets if each.exists()]) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on Windows")
def test_the_process_ends_with_its_owner(small_model: Path, tmp_path: Path) -> None:
    owner_code = (
        "import asyncio, sys; from pathlib import Path; from desktop_app.models.local.process import ModelProcess\n"
        "async def main():\n"
        "    process = await ModelProcess.start()\n"
        "    await process.load(Path(sys.argv[1]), 512, 1, 0)\n"
        "    print('loaded', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    owner = subprocess.Popen([sys.executable, "-c", owner_code, str(small_model)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner.stdout:
        assert owner.stdout.readline() == b"loaded\n"
        [child] = psutil.Process(owner.pid).children()
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    end = time.monotonic() + _PATIENCE_S
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)
