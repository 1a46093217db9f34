"""No sandbox, no code: a wall that is missing or does not hold means a weaker level or none, and words that say it."""

from pathlib import Path

import pytest

from desktop_app.interpreter import canary, launch, levels
from desktop_app.interpreter.base import SandboxError
from desktop_app.interpreter.levels import Offer
from desktop_app.interpreter.limits import Limits
from desktop_app.interpreter.linux import bwrap, landlock, seccomp
from desktop_app.interpreter.manager import CodeSessionManager

STANDARD = Offer("standard", None, landlock.version())


@pytest.fixture(autouse=True)
def _probe_anew() -> None:
    levels.offers.cache_clear()


def _inside(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def _refusal(sessions: CodeSessionManager) -> str:
    with pytest.raises(SandboxError) as refused:
        await sessions.run("a", "open('/mnt/data/ran', 'w')")
    await sessions.close()
    return str(refused.value)


async def test_without_any_wall_nothing_runs_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(bwrap, "find", lambda: None)
    sessions = CodeSessionManager(tmp_path)
    assert sessions.sandbox.level == "none"
    said = await _refusal(sessions)
    assert said == sessions.sandbox.message
    assert said.startswith(
        "Code interpreter is unavailable: this system offers no sandbox (the kernel has no Landlock"
    )
    assert _inside(tmp_path) == []


def test_an_unknown_machine_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "supported", lambda: False)
    assert levels.offers()[0] == ()


def test_without_landlock_bubblewrap_gives_the_reduced_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(bwrap, "find", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(bwrap, "works", lambda program, readable: True)
    assert [offer.level for offer in levels.offers()[0]] == ["reduced"]


def test_a_bubblewrap_that_the_system_forbids_leaves_the_standard_level(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    forbidden = tmp_path / "bwrap"
    forbidden.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    forbidden.chmod(0o700)
    monkeypatch.setattr(bwrap, "find", lambda: str(forbidden))
    assert [offer.level for offer in levels.offers()[0]] == ["standard"]


async def test_a_bubblewrap_that_fails_later_leaves_the_standard_level(tmp_path: Path) -> None:
    sessions = CodeSessionManager(
        tmp_path, offers=[Offer("full", "/usr/bin/false", STANDARD.landlock), STANDARD], with_spare=False
    )
    assert (await sessions.run("a", "1 + 1")).logs == "2\n"
    assert sessions.sandbox.level == "standard"
    await sessions.close()


async def test_a_worker_that_gets_through_its_walls_never_gets_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Landlock is left out here, so the canary reads and writes what it must not."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    sessions = CodeSessionManager(tmp_path, offers=[Offer("standard", None, 0)], with_spare=False)
    said = await _refusal(sessions)
    assert "the worker got through its walls: read a private file" in said
    assert "write into the home folder" in said
    assert _inside(home) == []
    assert not any(path.name == "ran" for path in _inside(tmp_path))


async def test_a_wall_that_fell_once_has_to_prove_itself_for_each_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = CodeSessionManager(tmp_path, offers=[STANDARD], with_spare=False)
    with monkeypatch.context() as broken:
        broken.setattr(launch, "worker_command", lambda *arguments: ["/bin/false"])
        with pytest.raises(SandboxError):
            await sessions.run("a", "1")
        assert sessions.sandbox.level == "none"
    assert (await sessions.run("a", "1 + 1")).logs == "2\n"
    assert sessions.sandbox.level == "standard"
    await sessions.close()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sessions = CodeSessionManager(tmp_path / "file" / "code", offers=[STANDARD], with_spare=False)
    assert "could not be made" in await _refusal(sessions)


async def test_a_canary_that_says_too_little_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "acts", lambda platform: {"something else": lambda orders: None})
    sessions = CodeSessionManager(tmp_path, offers=[STANDARD], with_spare=False)
    assert "the worker did not try its walls" in await _refusal(sessions)


async def test_a_worker_that_cannot_start_is_a_refusal_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        launch, "worker_command", lambda *arguments: ["/bin/sh", "-c", "echo no such room >&2; exit 1"]
    )
    sessions = CodeSessionManager(tmp_path, offers=[STANDARD], with_spare=False)
    assert "no such room" in await _refusal(sessions)


async def test_python_around_a_private_folder_is_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "_installation", lambda: [str(tmp_path)])
    sessions = CodeSessionManager(tmp_path / "cache", private=[tmp_path / "library"], offers=[STANDARD])
    assert sessions.sandbox.level == "none"
    assert f"Python is installed around the private folder {tmp_path / 'library'}" in await _refusal(sessions)


@pytest.mark.parametrize("version", range(1, landlock.version() + 1))
async def test_every_older_landlock_passes_the_canary(tmp_path: Path, version: int) -> None:
    sessions = CodeSessionManager(tmp_path, offers=[Offer("standard", None, version)], with_spare=False)
    assert (await sessions.run("a", "open('/mnt/data/x', 'w').close()\n1 + 1")).logs == "2\n"
    await sessions.close()


def test_the_limits_are_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop_app.settings.options import Settings

    monkeypatch.setenv("DESKSIDE_CODE_TIMEOUT_S", "5")
    monkeypatch.setenv("DESKSIDE_CODE_MEMORY_MB", "1024")
    limits = Limits.of(Settings.load(tmp_path))
    assert (limits.cell_s, limits.memory_bytes, limits.sessions, limits.idle_s) == (5.0, 1 << 30, 4, 3600.0)
