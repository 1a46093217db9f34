"""Code that takes too long, too much or says too much is stopped, and told so; the session survives where it can."""

import threading
import time

import pytest

from tests.interpreter.conftest import Bench, cpu_ticks, is_alive

STOPPED = "Stopped after 1 seconds, the longest time."


@pytest.mark.parametrize("code", ["while True: pass", "import time\ntime.sleep(1000)"])
def test_code_that_does_not_end_is_interrupted_and_the_session_goes_on(hurried: Bench, code: str) -> None:
    hurried.told("kept = 7")
    result = hurried.run(code)
    assert result.outcome == "interrupted"
    assert STOPPED in result.logs
    assert hurried.told("kept") == "7"


def test_a_stop_from_outside_interrupts_at_once_and_variables_are_kept(hurried: Bench) -> None:
    hurried.told("kept = 8")
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    result = hurried.run("import time\nwhile True: time.sleep(0.01)", stop=stop)
    assert result.outcome == "interrupted"
    assert "Stopped." in result.logs
    assert STOPPED not in result.logs
    assert hurried.told("kept") == "8"


@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True:\n    try:\n        while True: time.sleep(0.01)\n    except BaseException: pass",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "9**9**9",
    ],
    ids=["swallows the interrupt", "ignores the signal", "holds the interpreter"],
)
def test_code_that_won_t_stop_costs_the_session_and_files_are_kept(hurried: Bench, code: str) -> None:
    hurried.told("open('/mnt/data/kept.txt', 'w').write('x')")
    pid = hurried.worker.process.pid
    result = hurried.run(code)
    assert result.outcome == "lost"
    assert "The session was restarted" in result.logs
    assert "variables are gone, files in /mnt/data are kept." in result.logs
    assert not is_alive(pid)
    assert hurried.told("import os\nos.path.exists('/mnt/data/kept.txt')") == "True"


def test_code_that_stops_its_own_process_does_not_stop_the_host(hurried: Bench) -> None:
    result = hurried.run("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass")
    alone = (
        hurried.offer.wrapper is not None
    )  # the first process of its namespace, which cannot be stopped from inside
    assert result.outcome == ("interrupted" if alone else "lost")
    assert hurried.told("1 + 1") == "2"


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos._exit(3)",
        "import ctypes\nctypes.string_at(0)",
        "import os\nos.abort()",
        "import os\nos.closerange(0, 256)",
    ],
    ids=["exits", "segfaults", "aborts", "closes every file"],
)
def test_a_worker_that_dies_is_noticed_and_leaves_no_core(bench: Bench, code: str) -> None:
    result = bench.run(code)
    assert result.outcome == "lost"
    assert bench.told("import os\n[n for n in os.listdir('/mnt/data') if 'core' in n]") == "[]"
    assert bench.told("1 + 1") == "2"


@pytest.mark.parametrize("code", ["def f(): return f()\nf()", "import sys\nsys.exit(3)", "raise KeyboardInterrupt"])
def test_code_that_only_fails_keeps_its_session(bench: Bench, code: str) -> None:
    bench.told("kept = 9")
    assert bench.run(code).outcome in ("error", "interrupted")
    assert bench.told("kept") == "9"


@pytest.mark.parametrize(
    "code", ["x = bytearray(6 << 30)", "import numpy as np\nnp.ones(10**11 // 8)", "[0] * 10**10"]
)
def test_too_much_memory_is_an_error_that_says_so(bench: Bench, code: str) -> None:
    result = bench.run(code)
    assert result.outcome == "error"
    assert result.logs.endswith("Memory limit of 2 GB reached.\n")
    assert bench.told("1 + 1") == "2"


def test_a_file_beyond_its_limit_is_an_error_that_says_so(bench: Bench) -> None:
    result = bench.run("with open('/mnt/data/large', 'wb') as f:\n    for _ in range(100): f.write(bytes(1 << 20))")
    assert result.outcome == "error"
    assert "Disk limit reached." in result.logs
    bench.told("import os\nos.remove('/mnt/data/large')")


@pytest.mark.parametrize(
    "code",
    [
        "import time\nfor n in range(20):\n    open(f'part{n}', 'wb').write(bytes(15 << 20)); time.sleep(0.1)",
        "import time\nfor n in range(5000):\n    open(f'/mnt/data/f{n}', 'w').close()\ntime.sleep(2)",
    ],
    ids=["bytes", "files"],
)
def test_a_folder_beyond_its_limit_costs_the_session(bench: Bench, code: str) -> None:
    result = bench.run(code)
    assert result.outcome == "lost"
    assert "Disk limit reached" in result.logs
    bench.told(
        "import os\nfor n in os.listdir('/mnt/data'):\n    if not n.startswith('.'): os.remove('/mnt/data/' + n)"
    )


def test_a_quick_cell_cannot_pass_the_limit_of_the_disk_and_a_later_one_may_tidy_up(bench: Bench) -> None:
    code = "open('/mnt/data/part{}', 'wb').truncate(16 << 20)\nNone"
    outcomes = [bench.run(code.format(number)).outcome for number in range(6)]
    assert outcomes == ["ok", "ok", "ok", "ok", "lost", "lost"]
    assert bench.told("import os, time\ntime.sleep(0.6)\nlen(os.listdir()) > 5") == "True"
    bench.told("for n in range(6): os.remove(f'/mnt/data/part{n}')")
    assert bench.run(code.format(1)).outcome == "ok"
    bench.told("os.remove('/mnt/data/part1')")


def test_of_much_output_the_beginning_is_kept_and_the_rest_counted(bench: Bench) -> None:
    result = bench.run("print('first')\nprint('x' * 500_000)\nprint('last')")
    assert result.outcome == "ok"
    assert result.logs.startswith("first\nxxx")
    assert len(result.logs) < 70_000
    assert "more bytes of output were cut" in result.logs


def test_endless_output_costs_the_session(bench: Bench) -> None:
    result = bench.run("while True: print('x' * 100_000)")
    assert result.outcome == "lost"
    assert "8 MB were printed" in result.logs
    assert len(result.logs) < 70_000


def test_of_many_figures_twenty_are_kept(bench: Bench) -> None:
    code = "import matplotlib.pyplot as plt\nfor n in range(21):\n    plt.figure(figsize=(1, 1)); plt.plot([n])"
    result = bench.run(code)
    assert len(result.pictures) == 20, result.logs
    assert "Only the first 20 pictures of a cell are shown." in result.logs


def test_a_figure_too_large_to_show_is_left_out(bench: Bench) -> None:
    result = bench.run("import matplotlib.pyplot as plt\nplt.figure(figsize=(1000, 1000)).text(0, 0, 'x')\nNone")
    assert (result.outcome, len(result.pictures)) == ("ok", 0)
    assert "too large to show" in result.logs


def test_a_thread_that_computes_on_after_its_cell_is_frozen(bench: Bench) -> None:
    bench.told(
        "import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin, daemon=True).start()"
    )
    pid = bench.worker.process.pid
    before = cpu_ticks(pid)
    time.sleep(0.5)
    assert cpu_ticks(pid) - before <= 2
    assert bench.told("threading.active_count() > 2") == "True"
    bench.worker.process.kill()
    assert not is_alive(pid)
