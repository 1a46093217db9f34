"""What can be tested here of the walls on macOS and Windows: their texts and structures, and that they are off."""

import ctypes
import platform
from pathlib import Path

import pytest

from desktop_app.interpreter import canary, levels, macos, verified
from desktop_app.interpreter.windows import structures

PROFILE = """(version 1)
(deny default)
(allow file-read*
  (subpath "/usr/lib")
  (subpath "/usr/share")
  (subpath "/System")
  (subpath "/Library/Fonts")
  (subpath "/private/var/db/timezone")
  (subpath "/private/etc/localtime")
  (subpath "/Applications/Deskside \\"2\\".app")
  (literal "/dev/null") (literal "/dev/zero") (literal "/dev/random") (literal "/dev/urandom"))
(allow file-read-metadata (literal "/") (literal "/private") (literal "/var") (literal "/tmp") (literal "/etc"))
(allow file-read* file-write* (subpath "/private/var/folders/x"))
(deny file-link file-write-create (vnode-type SYMLINK) (vnode-type FIFO) (vnode-type SOCKET))
(allow file-write-data (literal "/dev/null"))
(allow sysctl-read
  (sysctl-name-prefix "hw.")
  (sysctl-name-prefix "kern.osrelease")
  (sysctl-name-prefix "kern.ostype")
  (sysctl-name-prefix "kern.version")
  (sysctl-name-prefix "kern.osversion")
  (sysctl-name-prefix "kern.argmax")
  (sysctl-name-prefix "vm.loadavg"))
(allow signal (target self))
(allow system-fcntl)
(deny network*)
(deny process-fork)
(deny process-exec*)
(deny mach-lookup)
"""


def test_the_profile_for_macos_denies_all_but_python_and_the_folder() -> None:
    assert macos.profile(['/Applications/Deskside "2".app'], "/private/var/folders/x") == PROFILE


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (structures.SecurityCapabilities, 24),
        (structures.StartupInfo, 112),
        (structures.ProcessInformation, 24),
        (structures.BasicLimits, 64),
        (structures.JobLimits, 144),
    ],
)
def test_the_structures_for_windows_have_the_sizes_of_its_headers(structure: type, size: int) -> None:
    assert ctypes.sizeof(structure) == size


def test_the_fields_for_windows_stand_where_its_headers_have_them() -> None:
    assert structures.StartupInfo.flags.offset == 60
    assert structures.StartupInfo.stdin.offset == 80
    assert structures.StartupInfo.attributes.offset == 104
    assert structures.BasicLimits.flags.offset == 16
    assert structures.BasicLimits.processes.offset == 40
    assert structures.JobLimits.job_memory.offset == 120


def test_the_job_for_windows_holds_one_process_and_so_much_memory() -> None:
    limits = structures.job_limits(2 << 30)
    assert (limits.basic.processes, limits.job_memory) == (1, 2 << 30)
    assert limits.basic.flags & 0x2000  # ends with the host


def test_every_system_s_canary_tries_files_and_the_network() -> None:
    everywhere = set(canary.acts("win32"))
    assert {"read a private file", "write into the home folder", "internet socket"} <= everywhere
    assert everywhere < set(canary.acts("darwin")) < set(canary.acts("linux"))


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_walls_that_nobody_tried_are_off_until_the_self_test_has_passed_there(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(verified, "code_dir", lambda: tmp_path)
    levels.offers.cache_clear()
    try:
        offers, reason = levels.offers()
        assert offers == ()
        assert "deskside doctor --self-test" in levels.sandbox(None, reason).message
        assert [offer.level for offer in levels.to_try()] == ["full"]
        verified.remember()
        levels.offers.cache_clear()
        assert [offer.level for offer in levels.offers()[0]] == ["full"]
        monkeypatch.setattr(verified, "_these", lambda: "a later version")
        levels.offers.cache_clear()
        assert levels.offers()[0] == ()
    finally:
        levels.offers.cache_clear()


def test_a_system_without_walls_of_ours_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "FreeBSD")
    levels.offers.cache_clear()
    try:
        assert levels.offers() == ((), "there is none for FreeBSD yet")
        assert levels.to_try() == ()
    finally:
        levels.offers.cache_clear()
