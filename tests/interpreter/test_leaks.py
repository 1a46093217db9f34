"""Nothing is left behind: no process, no file, no thread, no descriptor, no memory; not even by a killed service."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.limits import Limits
from desktop_app.interpreter.manager import CodeSessionManager
from tests.interpreter.conftest import OFFERS, is_alive

SESSIONS = 200
_HOST = """
import asyncio, json, sys
from pathlib import Path
from desktop_app.interpreter import levels
from desktop_app.interpreter.manager import CodeSessionManager

async def main():
    offer = levels.weaker(levels.offers()[0])[int(sys.argv[2])]
    sessions = CodeSessionManager(Path(sys.argv[1]), offers=[offer], with_spare=False)
    for key, code in (("idle", "1"), ("busy", "print('on', flush=True)\\n9**9**9")):
        started = asyncio.Event()
        running = asyncio.create_task(sessions.run(key, code, on_logs=lambda text: started.set()))
        await (started.wait() if key == "busy" else running)
    print(json.dumps([place.session._worker.process.pid for place in sessions._places.values()]), flush=True)
    await running

asyncio.run(main())
"""


@pytest.mark.parametrize("index", range(len(OFFERS)), ids=[offer.level for offer in OFFERS])
def test_workers_end_with_a_killed_service_also_when_they_hold_the_interpreter(tmp_path: Path, index: int) -> None:
    command = [sys.executable, "-c", _HOST, str(tmp_path), str(index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        pids = json.loads(host.stdout.readline())
        assert len(pids) == 2
        assert all(is_alive(pid) for pid in pids)
        host.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not any(is_alive(pid) for pid in pids):
            break
        time.sleep(0.1)
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.slow
async def test_two_hundred_sessions_leave_nothing(tmp_path: Path) -> None:
    """Every sort of end: by key, to make room, by a crash, and at the close."""
    this = psutil.Process()
    sessions = CodeSessionManager(tmp_path, offers=_cheapest(), limits=Limits(sessions=3), with_spare=False)

    async def begin(number: int) -> None:
        key = f"thread-{number}"
        code = "import os\nos._exit(1)" if number % 10 == 0 else "open('/mnt/data/x', 'w').write('x')\nprint(1)"
        await sessions.run(key, code)
        if number % 3 == 0:
            await sessions.end(key)

    for number in range(20):
        await begin(number)
    before = this.num_fds(), threading.active_count(), this.memory_info().rss
    for number in range(20, SESSIONS):
        await begin(number)
    after = this.num_fds(), threading.active_count(), this.memory_info().rss
    assert after[0] <= before[0] + 6
    assert after[1] <= before[1] + 6
    assert after[2] <= before[2] + 8_000_000
    await sessions.close()
    assert _inside(tmp_path) == []
    assert [child for child in this.children(recursive=True) if "code-worker" in _command(child)] == []


def _cheapest() -> list[Offer]:
    return [offer for offer in OFFERS if offer.level == "standard"]


def _inside(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_the_service_s_memory_is_closed_to_other_processes(tmp_path: Path) -> None:
    """Root may read all; what is checked is that an ordinary process of the same user may not."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom desktop_app.interpreter.manager import CodeSessionManager\n"
        "CodeSessionManager(Path(sys.argv[1]))\nprint('on', flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as host:
        try:
            assert host.stdout is not None
            assert host.stdout.readline() == "on\n"
            owner = Path(f"/proc/{host.pid}/environ").stat().st_uid
            assert owner == 0  # the system's, not the user's: only root may read it
            if os.getuid() != 0:
                with pytest.raises(PermissionError):
                    Path(f"/proc/{host.pid}/environ").read_bytes()
        finally:
            host.kill()
