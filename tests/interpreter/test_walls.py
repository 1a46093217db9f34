"""The walls themselves: what the system call filter answers on each machine, and what each Landlock can govern."""

import errno
import re
import struct
import subprocess
from pathlib import Path

import pytest

from desktop_app.interpreter import levels
from desktop_app.interpreter.linux import bwrap, landlock, seccomp, syscalls
from tests.interpreter.conftest import OFFERS

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4321
KILLED, ALLOWED = "killed", "allowed"


def _answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int | str:
    """What the filter says, run as the kernel runs it: an errno, or whether the call is allowed or kills."""
    filter_ = seccomp.assemble(machine, PID)
    program = [struct.unpack_from("<HBBI", filter_, at) for at in range(0, len(filter_), 8)]
    words = struct.pack(
        "<IIQ6Q", number, architecture or MACHINES[machine], 0, *arguments, *[0] * (6 - len(arguments))
    )
    accumulator = at = 0
    while True:
        operation, if_true, if_false, value = program[at]
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", words, value)[0]
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}.get(value) or value & 0xFFFF
        else:
            comparisons = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value}
            met = comparisons.get(operation, bool(accumulator & value) if operation == 0x45 else None)
            assert met is not None
            at += if_true if met else if_false


def _numbers(table: syscalls.Table, machine: str) -> list[int]:
    column = list(MACHINES).index(machine)
    return [pair[column] for pair in table.values() if pair[column] is not None]  # type: ignore[misc]


@pytest.mark.parametrize("machine", MACHINES)
def test_every_named_call_gets_its_answer(machine: str) -> None:
    refused = (syscalls.NETWORK, syscalls.PROCESSES, syscalls.IDENTITY, syscalls.SYSTEM)
    for table in (*refused, syscalls.KERNEL, syscalls.SHARED, syscalls.LINKS):
        assert {_answer(machine, number) for number in _numbers(table, machine)} == {errno.EPERM}
    assert {_answer(machine, number) for number in _numbers(syscalls.PRETENDED, machine)} == {0}
    assert {_answer(machine, number) for number in _numbers(syscalls.UNSUPPORTED, machine)} == {errno.ENOTSUP}


@pytest.mark.parametrize("machine", MACHINES)
def test_other_dialects_kill_and_unknown_calls_do_not_exist(machine: str) -> None:
    assert _answer(machine, 1, architecture=0x40000003) == KILLED
    assert _answer(machine, 1, architecture=next(a for m, a in MACHINES.items() if m != machine)) == KILLED
    assert _answer(machine, syscalls.NEWEST) == ALLOWED
    assert _answer(machine, syscalls.NEWEST + 1) == errno.ENOSYS
    assert _answer(machine, 0x40000000 + 39) == (KILLED if machine == "x86_64" else errno.ENOSYS)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("kill", (PID, 2), ALLOWED),
        ("kill", (PID + 1, 0), errno.EPERM),
        ("kill", (0, 9), errno.EPERM),
        ("kill", (2**64 - 1, 9), errno.EPERM),
        ("tgkill", (PID, 7, 2), ALLOWED),
        ("tgkill", (1, 1, 2), errno.EPERM),
        ("clone", (0x3D0F00,), ALLOWED),
        ("clone", (17,), errno.EPERM),
        ("clone", (0x10000000 | 17,), errno.EPERM),
        ("clone3", (0,), errno.ENOSYS),
        ("socketpair", (1, 1 | 0o2000000), ALLOWED),
        ("socketpair", (1, 2), errno.EPERM),
        ("socketpair", (1, 5), errno.EPERM),
        ("socketpair", (2, 1), errno.EPERM),
        ("openat", (0, 0, 0), ALLOWED),
        ("openat", (0, 0, 0o1000), errno.EPERM),
        ("openat", (0, 0, 0o1001), ALLOWED),
        ("openat", (0, 0, 0o1102), ALLOWED),
        ("mkdirat", (0, 0, 0o777), ALLOWED),
        ("mkdirat", (0, 0, 0o300), errno.EPERM),
        ("umask", (0o077,), ALLOWED),
        ("umask", (0o100,), errno.EPERM),
        ("prctl", (15,), ALLOWED),
        ("prctl", (1, 0), errno.EINVAL),
        ("fcntl", (3, 3), ALLOWED),
        ("fcntl", (3, 8), errno.EPERM),
        ("ioctl", (0, 0x5401), ALLOWED),
        ("ioctl", (0, 0x5412), errno.EPERM),
        ("ioctl", (0, (1 << 32) | 0x5412), errno.EPERM),
        ("prlimit64", (0, 7), ALLOWED),
        ("prlimit64", (1, 7), errno.EPERM),
        ("setpriority", (0, 0, 5), ALLOWED),
        ("setpriority", (2, 0, 5), errno.EPERM),
        ("setpriority", (0, 1, 5), errno.EPERM),
        ("sched_setaffinity", (1,), errno.EPERM),
    ],
)
def test_calls_with_conditions_look_at_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int | str
) -> None:
    number = syscalls.CONDITIONAL[name][list(MACHINES).index(machine)]
    assert number is not None
    assert _answer(machine, number, *arguments) == expected


def test_no_jump_is_longer_than_the_kernel_allows() -> None:
    for machine in MACHINES:
        program = seccomp.instructions(machine, PID)
        assert len(program) < 4096
        assert all(0 <= jump <= 255 for _, if_true, if_false, _ in program for jump in (if_true, if_false))


@pytest.mark.parametrize(
    ("header", "machine"),
    [("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "x86_64"), ("/usr/include/asm-generic/unistd.h", "aarch64")],
)
def test_the_numbers_are_those_of_the_kernel_s_headers(header: str, machine: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers (linux-libc-dev) are not installed")
    found = re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    known = {name: int(number) for name, number in found}
    column = list(MACHINES).index(machine)
    tables = [table for name, table in vars(syscalls).items() if name.isupper() and isinstance(table, dict)]
    ours = {name: pair[column] for table in tables for name, pair in table.items() if pair[column] is not None}
    wrong = {name: number for name, number in ours.items() if name in known and known[name] != number}
    assert not wrong
    assert len(ours.keys() & known.keys()) > 100
    newer = {name for name in ours if name not in known}
    assert all(ours[name] > max(known.values()) for name in newer), newer


@pytest.mark.skipif(not any(offer.wrapper for offer in OFFERS), reason="bubblewrap is not installed or not allowed")
def test_bubblewrap_shows_what_is_readable_beneath_the_temporary_folder_and_nothing_else(tmp_path: Path) -> None:
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    for folder in (shown, hidden):
        folder.mkdir()
        (folder / "file").write_text("seen")
    program = next(offer.wrapper for offer in OFFERS if offer.wrapper)
    command = bwrap.command(program, [*levels.readable(), str(shown)], None, {})

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *words], capture_output=True, text=True, check=False)

    assert run("/usr/bin/cat", str(shown / "file")).stdout == "seen"
    assert "No such file" in run("/usr/bin/cat", str(hidden / "file")).stderr
    for folder in (shown, "/tmp", "/dev", "/"):
        assert "Read-only file system" in run("/usr/bin/touch", f"{folder}/new").stderr


@pytest.mark.parametrize(
    ("version", "files", "net", "scoped", "size"),
    [
        (1, 13, False, False, 8),
        (2, 14, False, False, 8),
        (3, 15, False, False, 8),
        (4, 15, True, False, 16),
        (5, 16, True, False, 16),
        (6, 16, True, True, 24),
        (7, 16, True, True, 24),
        (9, 16, True, True, 24),
    ],
)
def test_each_landlock_governs_all_that_it_can(version: int, files: int, net: bool, scoped: bool, size: int) -> None:
    handled = landlock.Handled.by(version)
    assert handled.files == (1 << files) - 1
    assert (bool(handled.net), bool(handled.scoped), handled.size) == (net, scoped, size)
