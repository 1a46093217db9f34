"""Every attack of the self-test is refused, at every level; and each would get through without the sandbox."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from desktop_app.interpreter import levels
from desktop_app.interpreter.selftest import files, network, processes
from desktop_app.interpreter.selftest.attack import MARK, PRELUDE, Attack, cell, numbers
from desktop_app.interpreter.selftest.decoys import planted
from desktop_app.interpreter.selftest.run import ATTACKS
from tests.interpreter.conftest import OFFERS

AREAS = sorted({attack.area for attack in ATTACKS})


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    """What `deskside doctor --self-test` says, an object a line."""
    command = [sys.executable, "-m", "desktop_app", "doctor", "--self-test", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_this_machine_offers_a_sandbox_and_every_attack_is_tried_at_every_level(rows: list[dict[str, object]]) -> None:
    tried = Counter(str(row["level"]) for row in rows)
    expected = sum(attack.applies for attack in ATTACKS)
    assert expected > 150
    assert tried == {offer.level: expected for offer in OFFERS}
    assert {"standard"} <= set(tried)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("level", [offer.level for offer in OFFERS])
def test_no_attack_gets_through(rows: list[dict[str, object]], level: str, area: str) -> None:
    of_area = [row for row in rows if (row["level"], row["area"]) == (level, area)]
    assert of_area
    assert [row for row in of_area if row["through"]] == []


LIVE = [
    attack
    for attack in (*files.ATTACKS, *network.ATTACKS, *processes.ATTACKS)
    if (attack.area, attack.name)
    in {
        (files.READING, "a private key"),
        (files.READING, "a database"),
        (files.READING, "a descriptor of a path, opened again"),
        (files.LISTING, "a private folder"),
        (files.LISTING, "watching it"),
        (files.BRINGING, "by a symbolic link"),
        (files.BRINGING, "by a hard link"),
        (files.WRITING, "a new one"),
        (files.WRITING, "emptying one that is only read"),
        (files.WRITING, "its mode"),
        (files.WRITING, "removing one"),
        (network.CONNECTING, "the application on this machine"),
        (network.CONNECTING, "a datagram"),
        (network.CONNECTING, "a unix socket"),
        (network.CONNECTING, "an abstract socket"),
        (network.PAIRS, "a pair of datagrams"),
        (processes.SIGNALLING, "kill"),
        (processes.STARTING, "fork"),
        (processes.STARTING, "subprocess"),
        (processes.INHERITING, "secrets in the environment"),
    }
]


@pytest.mark.parametrize("attack", LIVE, ids=lambda attack: f"{attack.area}: {attack.name}")
def test_without_a_sandbox_the_attack_gets_through_and_the_decoys_notice(attack: Attack, tmp_path: Path) -> None:
    """Else the tests above would pass whatever the sandbox did."""
    folder = tmp_path / "data"
    folder.mkdir()
    with planted(tmp_path) as decoys:
        names = decoys.names | {"calls": numbers(), "data": str(folder), "runtime": "", "other": "", "other_pid": 0}
        assigned = "\n".join(f"{name} = {value!r}" for name, value in names.items())
        code = f"{PRELUDE}\n{assigned}\n{cell(attack)}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
        said = next(line for line in done.stdout.splitlines() if line.startswith(MARK))
        touched = decoys.touched()
    assert said.startswith(f"{MARK} 1"), said
    if attack.area in (files.WRITING, network.CONNECTING, network.PAIRS):
        assert touched


def test_the_doctor_says_the_level_and_how_to_a_better_one() -> None:
    full, standard, none = levels.Offer("full", "bwrap", 7), levels.Offer("standard", None, 7), None
    assert levels.remedy(full) == ""
    assert "bubblewrap" in levels.remedy(standard)
    assert "bubblewrap" in levels.remedy(none)
    assert "see whether a file exists" in levels.sandbox(standard).message
    assert "unavailable: this system offers no sandbox (too old)" in levels.sandbox(none, "too old").message
