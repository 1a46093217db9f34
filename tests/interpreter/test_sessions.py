"""Sessions by key: they keep their state, end when unused, make room for others, and stop when nobody waits."""

import asyncio
import time
from pathlib import Path

import pytest

from desktop_app.interpreter.base import BusyError
from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.limits import Limits
from desktop_app.interpreter.manager import CodeSessionManager
from tests.interpreter.conftest import OFFERS, is_alive


def _inside(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _pid(sessions: CodeSessionManager, key: str) -> int:
    session = sessions._places[key].session
    assert session is not None
    return session._worker.process.pid


@pytest.fixture
def strongest() -> Offer:
    return OFFERS[0]


async def test_two_threads_share_nothing(sessions: CodeSessionManager) -> None:
    await sessions.run("a", "x = 1\nopen('/mnt/data/a.txt', 'w').write('a')")
    other = await sessions.run("b", "import os\nprint([n for n in os.listdir('/mnt/data') if n[0] != '.'])\nx")
    assert other.logs.startswith("[]\n")
    assert "NameError" in other.logs
    assert (await sessions.run("a", "x")).logs == "1\n"


async def test_a_session_unused_for_its_time_ends_and_its_folder_goes(strongest: Offer, tmp_path: Path) -> None:
    clock = Clock()
    sessions = CodeSessionManager(tmp_path, offers=[strongest], clock=clock, with_spare=False)
    await sessions.run("a", "x = 1")
    pid = _pid(sessions, "a")
    clock.now += 3599
    await sessions.expire()
    assert is_alive(pid)
    clock.now += 2
    await sessions.expire()
    assert not is_alive(pid)
    assert [name.partition("/")[2] for name in _inside(tmp_path)] == ["", "private"]
    result = await sessions.run("a", "x")
    assert (result.new_session, result.outcome) == (True, "error")
    await sessions.close()


async def test_a_session_too_many_takes_the_place_of_the_one_idle_longest(strongest: Offer, tmp_path: Path) -> None:
    clock = Clock()
    limits = Limits(sessions=2)
    sessions = CodeSessionManager(tmp_path, limits=limits, offers=[strongest], clock=clock, with_spare=False)
    for key in ("a", "b", "a"):
        clock.now += 1
        await sessions.run(key, "x = 1")
    assert (await sessions.run("c", "x = 1")).new_session
    assert (await sessions.run("a", "x")).logs == "1\n"
    assert (await sessions.run("b", "1")).new_session
    await sessions.close()


async def test_when_all_sessions_are_at_work_another_is_told_to_wait(strongest: Offer, tmp_path: Path) -> None:
    sessions = CodeSessionManager(tmp_path, limits=Limits(sessions=1), offers=[strongest], with_spare=False)
    started = asyncio.Event()
    code = "print('on', flush=True)\nimport time\ntime.sleep(60)"
    working = asyncio.create_task(sessions.run("a", code, on_logs=lambda text: started.set()))
    await started.wait()
    with pytest.raises(BusyError, match="All 1 code sessions are at work"):
        await sessions.run("b", "1")
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (await sessions.run("b", "1 + 1")).logs == "2\n"
    await sessions.close()


async def test_a_cancelled_call_interrupts_its_cell_and_keeps_the_session(sessions: CodeSessionManager) -> None:
    heard: list[str] = []
    started = asyncio.Event()

    def hear(text: str) -> None:
        heard.append(text)
        started.set()

    code = "x = 5\nprint('on')\nimport time\nwhile True: time.sleep(0.01)"
    working = asyncio.create_task(sessions.run("a", code, on_logs=hear))
    await started.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert heard[0] == "on\n"
    after = await sessions.run("a", "x")
    assert (after.logs, after.new_session) == ("5\n", True)  # the first result of this session
    assert not (await sessions.run("a", "x")).new_session


async def test_cells_of_one_session_run_one_after_the_other(sessions: CodeSessionManager) -> None:
    await sessions.run("a", "seen = []")
    code = "import time\nseen.append('in')\ntime.sleep(0.02)\nseen.append('out')"
    await asyncio.gather(*(sessions.run("a", code) for _ in range(5)))
    assert (await sessions.run("a", "seen == ['in', 'out'] * 5")).logs == "True\n"


async def test_ending_a_session_stops_its_cell_and_removes_its_folder(strongest: Offer, tmp_path: Path) -> None:
    sessions = CodeSessionManager(tmp_path, offers=[strongest], with_spare=False)
    started = asyncio.Event()
    code = "print('on')\nimport time\nwhile True: time.sleep(0.01)"
    working = asyncio.create_task(sessions.run("a", code, on_logs=lambda text: started.set()))
    await started.wait()
    await sessions.end("a")
    assert (await working).outcome == "interrupted"
    assert [name.partition("/")[2] for name in _inside(tmp_path)] == ["", "private"]
    await sessions.end("never begun")
    await sessions.close()
    assert _inside(tmp_path) == []


async def test_a_worker_that_died_while_unused_is_replaced_and_told(sessions: CodeSessionManager) -> None:
    await sessions.run("a", "x = 1\nopen('/mnt/data/kept', 'w').write('x')")
    place = sessions._places["a"].session
    assert place is not None
    place._worker.process.kill()
    result = await sessions.run("a", "import os\nos.path.exists('/mnt/data/kept')")
    assert (result.logs, result.new_session) == ("True\n", False)
    assert "The session was restarted" in result.notes[0]


async def test_a_spare_has_its_libraries_and_knows_nothing_of_the_last_session(
    strongest: Offer, tmp_path: Path
) -> None:
    sessions = CodeSessionManager(tmp_path, offers=[strongest])
    await sessions.run("a", "import pandas\npandas.deskside_mark = 1")
    assert sessions._spare is not None
    await asyncio.wait([sessions._spare._task])
    code = "import sys\nloaded = 'pandas' in sys.modules, 'matplotlib.pyplot' in sys.modules\nimport pandas\n"
    result = await sessions.run("b", code + "(*loaded, hasattr(pandas, 'deskside_mark'))")
    assert result.logs == "(True, True, False)\n"
    began = time.monotonic()
    await sessions.close()
    assert time.monotonic() - began < 60
    assert _inside(tmp_path) == []


async def test_output_comes_while_the_cell_runs(sessions: CodeSessionManager) -> None:
    heard: list[str] = []
    result = await sessions.run("a", "for n in range(3): print(n)", on_logs=heard.append)
    await asyncio.sleep(0)
    assert "".join(heard) == result.logs == "0\n1\n2\n"


async def test_folders_of_a_service_that_was_killed_are_removed_by_the_next(strongest: Offer, tmp_path: Path) -> None:
    left = tmp_path / "999999999-abcd"
    (left / "data").mkdir(parents=True)
    sessions = CodeSessionManager(tmp_path, offers=[strongest], with_spare=False)
    assert not left.exists()
    await sessions.close()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", ""),
        ("   \n\n# nothing\n", ""),
        ("!pip install seaborn", "Shell commands are not available."),
        ("%matplotlib inline\nimport os", "Shell commands are not available."),
        ("def f(:", "SyntaxError"),
        ("x = '\0'", "null bytes"),
        ("print('\ud800')", "surrogates"),
        ("(" * 5000 + ")" * 5000, "Error"),
        ("import seaborn_or_so", "none can be installed"),
    ],
)
async def test_whatever_a_model_writes_is_answered(sessions: CodeSessionManager, code: str, said: str) -> None:
    result = await sessions.run("a", code)
    assert said in result.logs
    assert (result.outcome == "ok") == (said == "")
    assert (await sessions.run("a", "1 + 1")).logs == "2\n"


async def test_megabytes_of_code_run_and_more_are_refused(sessions: CodeSessionManager) -> None:
    assert (await sessions.run("a", "x = 1\n" * 20_000 + "#" * 1_000_000 + "\nx")).logs == "1\n"
    result = await sessions.run("a", "#" * (3 << 20))
    assert (result.outcome, result.logs) == ("error", "The code is longer than 2 MB.")
