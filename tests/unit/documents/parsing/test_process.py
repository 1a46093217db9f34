"""The parser worker as a process: its limits, its death, and the death of its owner."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from desktop_app.documents.parsing.pages import ParsedPage, UnreadableFileError
from desktop_app.documents.parsing.process import ParserWorker, StoppedError
from tests.support.made_files import make_pdf
from tests.support.processes import children

LONG_PAGES = 1500


@contextmanager
def a_worker(timeout_s: float = 60, memory_mb: int = 1500) -> Iterator[ParserWorker]:
    worker = ParserWorker(timeout_s, memory_mb)
    try:
        yield worker
    finally:
        worker.close()


def wait_until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def long_pdf(tmp_path: Path) -> Path:
    lines = [f"Line {number} of a page that is full of words and takes a while to read." for number in range(40)]
    return make_pdf(tmp_path / "long.pdf", [lines] * LONG_PAGES)


def test_one_process_reads_many_files(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Text."]])
    with a_worker() as worker:
        worker.parse(path, path.name)
        [first] = children("parse-worker")
        for _ in range(20):
            worker.parse(path, path.name)
        assert children("parse-worker") == [first]
    assert not children("parse-worker")


def test_pages_are_reported_as_they_come(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["One."], ["Two."], ["Three."]])
    seen: list[tuple[int, int]] = []
    with a_worker() as worker:
        worker.parse(path, path.name, lambda page, count: seen.append((page.number, count)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_file_over_the_time_limit_is_stopped(long_pdf: Path) -> None:
    seen: list[int] = []
    with a_worker(timeout_s=1) as worker, pytest.raises(UnreadableFileError, match="longer than 1 second") as caught:
        worker.parse(long_pdf, long_pdf.name, lambda page, count: seen.append(page.number))
    assert len(seen) < LONG_PAGES
    assert caught.value.code == "server_error"


def test_a_file_over_the_memory_limit_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("\N{GRINNING FACE}" * 15_000_000, encoding="utf-8")
    with a_worker(memory_mb=150) as worker:
        with pytest.raises(UnreadableFileError, match="more than 150 MB of memory") as caught:
            worker.parse(path, path.name)
        (tmp_path / "small.txt").write_text("small")
        assert worker.parse(tmp_path / "small.txt", "small.txt")[0].text == "small"
    assert caught.value.code == "server_error"


def test_a_killed_worker_fails_its_file_only(long_pdf: Path, tmp_path: Path) -> None:
    def kill(page: ParsedPage, count: int) -> None:
        for child in children("parse-worker"):
            child.kill()

    with a_worker() as worker:
        with pytest.raises(UnreadableFileError, match="crashed") as caught:
            worker.parse(long_pdf, long_pdf.name, kill)
        path = make_pdf(tmp_path / "next.pdf", [["Next."]])
        assert worker.parse(path, path.name)[0].text == "Next."
    assert caught.value.code == "server_error"


def test_a_worker_killed_between_two_files_is_replaced(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Text."]])
    with a_worker() as worker:
        worker.parse(path, path.name)
        [child] = children("parse-worker")
        child.kill()
        child.wait(10)
        assert worker.parse(path, path.name)[0].text == "Text."


def test_stop_ends_a_file_at_once(long_pdf: Path) -> None:
    seen: list[int] = []

    def stop(page: ParsedPage, count: int) -> None:
        seen.append(page.number)
        if len(seen) == 1:
            stopping.start()

    with a_worker() as worker:
        stopping = threading.Thread(target=worker.stop)
        with pytest.raises(StoppedError):
            worker.parse(long_pdf, long_pdf.name, stop)
        stopping.join()
        assert len(seen) < LONG_PAGES
        assert not children("parse-worker")


def test_the_worker_runs_no_module_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "struct.py").write_text("raise SystemExit('this is not the struct you wanted')")
    (tmp_path / "a.txt").write_text("text")
    monkeypatch.chdir(tmp_path)
    with a_worker() as worker:
        assert worker.parse(tmp_path / "a.txt", "a.txt")[0].text == "text"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no process groups of this kind")
def test_an_interrupt_of_the_terminal_does_not_reach_the_worker(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with a_worker() as worker:
        worker.parse(tmp_path / "a.txt", "a.txt")
        [child] = children("parse-worker")
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_the_worker_sees_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_API_KEY", "the-key")
    monkeypatch.setenv("OPENAI_API_KEY", "the-key")
    (tmp_path / "a.txt").write_text("text")
    with a_worker() as worker:
        worker.parse(tmp_path / "a.txt", "a.txt")
        [child] = children("parse-worker")
        assert "the-key" not in child.environ().values()


def test_no_file_makes_the_worker_open_a_connection(tmp_path: Path) -> None:
    """kreuzberg would fetch a grammar for source code."""
    sources = {"a.py": "def f():\n    return 1\n", "a.rs": "fn main() {}\n", "a.tex": "\\section{x}", "a.json": "{}"}
    with a_worker() as worker:
        for name, source in sources.items():
            (tmp_path / name).write_text(source)
            assert worker.parse(tmp_path / name, name)[0].text == source
        [child] = children("parse-worker")
        assert not child.net_connections(kind="inet")
        assert not [library.path for library in child.memory_maps() if "kreuzberg" in library.path]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on Windows")
def test_the_worker_dies_with_its_owner(long_pdf: Path) -> None:
    owner_code = (
        "import sys; from pathlib import Path; from desktop_app.documents.parsing.process import ParserWorker\n"
        "def on_page(page, count): print('reading', flush=True)\n"
        "ParserWorker(60, 1500).parse(Path(sys.argv[1]), 'long.pdf', on_page)"
    )
    owner = subprocess.Popen([sys.executable, "-c", owner_code, str(long_pdf)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner.stdout:
        assert owner.stdout.readline() == b"reading\n"
        [child] = psutil.Process(owner.pid).children()
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    wait_until(lambda: not child.is_running())
