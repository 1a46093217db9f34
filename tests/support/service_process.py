"""`deskside serve` as a process that tests start, kill and start again over one data folder."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop_app.settings.program import program_command

STOP_TIMEOUT_S = 30
"""After which a service hangs; how long it takes to end is measured by the benchmark `lifetime`."""
KEY = "dk-test-0123456789"


class ServiceProcess:
    """`base_url` and `api_key` are those of the running process; `environment` is added to that of the tests.

    `with ServiceProcess(...) as service:` starts it, stops it, and fails when its log holds a traceback.
    """

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.environment = {**os.environ, "DESKSIDE_API_KEY": KEY, **(environment or {})}
        self.base_url = ""
        self.api_key = ""
        self.process: subprocess.Popen[str] | None = None
        self._log = data_dir.parent / f"{data_dir.name}.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.stop()
        assert kind or "Traceback" not in self.log(), self.log()

    def start(self, *arguments: str) -> None:
        """Start it and wait for its line."""
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                program_command("serve", "--data-dir", str(self.data_dir), *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.kill()
            raise AssertionError(f"the service did not start:\n{self.log()}")
        greeting = json.loads(line)
        self.base_url, self.api_key = greeting["base_url"], greeting["api_key"]

    def kill(self) -> None:
        """End it as a crash does, at once (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self._collect()

    def stop(self) -> int | None:
        """Ask it to end (SIGTERM); answers its exit code. Raises subprocess.TimeoutExpired when it doesn't in time."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self._collect()
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @contextmanager
    def without_trouble(self) -> Iterator[None]:
        """Fails when a traceback is logged meanwhile."""
        before = len(self.log())
        yield
        assert "Traceback" not in self.log()[before:], self.log()[before:]

    def _collect(self) -> int:
        process = self.process
        assert process is not None
        code = process.wait(STOP_TIMEOUT_S)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        self.process = None
        return code
