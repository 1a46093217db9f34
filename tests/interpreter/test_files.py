"""Files go in as copies under harmless names, and come out by their bytes alone, whatever code has planted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.interpreter import names
from desktop_app.interpreter.base import InputFile
from desktop_app.interpreter.folder import DataFolder
from desktop_app.interpreter.limits import MB, Limits
from desktop_app.interpreter.removal import remove_tree
from tests.interpreter.conftest import Bench


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    data = tmp_path / "data"
    data.mkdir()
    limits = Limits(file_bytes=MB, input_bytes=2 * MB, inputs_bytes=3 * MB, output_files=5)
    return DataFolder(data, tmp_path / "kept", limits)


def test_an_input_is_a_copy_that_code_may_change_without_the_original(bench: Bench, tmp_path: Path) -> None:
    original = tmp_path / "sales.csv"
    original.write_text("a,b\n1,2\n")
    given = [InputFile("file-1", "sales.csv", original)]
    result = bench.run("print(open('/mnt/data/sales.csv').read(), end='')", given)
    assert (result.logs, list(result.files)) == ("a,b\n1,2\n", [])
    changed = bench.run("open('/mnt/data/sales.csv', 'a').write('3,4\\n')\nNone", given)
    assert [(file.name, file.path.read_text()) for file in changed.files] == [("sales.csv", "a,b\n1,2\n3,4\n")]
    assert original.read_text() == "a,b\n1,2\n"
    again = bench.run("open('/mnt/data/sales.csv').read().count('\\n')", given)
    assert (again.logs, list(again.files)) == ("3\n", [])


def test_writing_the_same_bytes_again_is_no_new_file(bench: Bench) -> None:
    code = "open('/mnt/data/same.txt', 'w').write('same')\nNone"
    assert [file.name for file in bench.run(code).files] == ["same.txt"]
    assert list(bench.run(code).files) == []


def test_files_in_folders_come_out_and_hidden_ones_stay(bench: Bench) -> None:
    result = bench.run(
        "import os\nos.makedirs('/mnt/data/plots/deep', exist_ok=True)\n"
        "os.makedirs('/mnt/data/.cache', exist_ok=True)\n"
        "for n in ('plots/deep/a.txt', '.hidden', '.cache/b.txt'): open('/mnt/data/' + n, 'w').write(n)"
    )
    assert [(file.name, file.path.read_text()) for file in result.files] == [("plots/deep/a.txt", "plots/deep/a.txt")]


def test_odd_names_come_out_harmless(bench: Bench) -> None:
    code = (
        "import os\nos.makedirs('odd', exist_ok=True)\n"
        "odd = ['-rf', 'new\\nline', 'tab\\there', 'rtl\\u202egpj.exe', 'CON', 'nul.txt', 'a' * 240, '\\u200b', 'x. ',"
        " 'q?*:<>|\"']\n"
        "for n in odd: open('odd/' + n, 'w').write('x')\n"
        "open(b'odd/\\xff\\xfe', 'w').write('x')"
    )
    result = bench.run(code)
    assert result.outcome == "ok", result.logs
    told = [file.name.removeprefix("odd/") for file in result.files]
    assert len(told) == len(set(told)) == 11
    for name in told:
        assert name == names.clean(name)
        assert name.isprintable()
        assert not name.startswith(("-", "."))
        assert len(name.encode()) <= 210


def test_two_inputs_of_one_name_both_go_in_and_the_second_is_told(folder: DataFolder, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    notes = folder.put([InputFile(f"file-{n}", "report.csv", tmp_path / n) for n in ("a", "b")])
    assert (folder.path / "report.csv").read_text() == "a"
    assert (folder.path / "report (2).csv").read_text() == "b"
    assert notes == ["report.csv is /mnt/data/report (2).csv for code."]


@pytest.mark.parametrize("name", ["../../escape", "/etc/passwd", ".bashrc", "a/b", "..", "", "\0"])
def test_an_input_s_name_cannot_lead_out_of_the_folder(folder: DataFolder, tmp_path: Path, name: str) -> None:
    (tmp_path / "given").write_text("x")
    folder.put([InputFile("file-1", name, tmp_path / "given")])
    inside = list(folder.path.iterdir())
    assert [path.read_text() for path in inside] == ["x"]
    assert not inside[0].name.startswith(".")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "given"]


def test_an_input_that_is_too_large_or_gone_is_left_out_and_told(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(2 * MB + 1))
    notes = folder.put(
        [InputFile("file-1", "large.bin", tmp_path / "large"), InputFile("file-2", "gone.csv", tmp_path / "gone")]
    )
    assert [note.split(" ")[0] for note in notes] == ["large.bin", "gone.csv"]
    assert "2 MB each and 3 MB in all" in notes[0]
    assert list(folder.path.iterdir()) == []


def test_what_was_planted_as_an_output_is_not_followed_opened_or_waited_for(
    folder: DataFolder, tmp_path: Path
) -> None:
    """Code cannot plant these; if it ever can, they still don't come out."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (folder.path / "link").symlink_to(secret)
    (folder.path / "folder").symlink_to(tmp_path)
    os.link(secret, folder.path / "hard")
    os.mkfifo(folder.path / "pipe")
    (folder.path / "plain").write_text("plain")
    found, _ = folder.collect()
    assert [(file.name, file.path.read_text()) for file in found] == [("plain", "plain")]


def test_a_link_planted_where_an_input_goes_is_not_written_through(folder: DataFolder, tmp_path: Path) -> None:
    target, given = tmp_path / "target", tmp_path / "given"
    given.write_text("new")
    (folder.path / "report.csv").symlink_to(target)
    folder.put([InputFile("file-1", "report.csv", given)])
    assert not target.exists()
    assert (folder.path / "report (2).csv").read_text() == "new"


def test_of_many_or_large_outputs_some_come_out_and_the_rest_is_counted(folder: DataFolder) -> None:
    for n in range(8):
        (folder.path / f"{n}.txt").write_text(str(n))
    (folder.path / "large").write_bytes(bytes(MB + 1))
    found, notes = folder.collect()
    assert [file.name for file in found] == [f"{n}.txt" for n in range(5)]
    assert notes == ["4 files were left out: a run gives back at most 5 files of 1 MB each."]


def test_folders_too_deep_to_be_counted_are_over_the_limit(folder: DataFolder) -> None:
    deep = folder.path
    for _ in range(15):
        deep = deep / "d"
        deep.mkdir()
    (deep / "file").write_text("x")
    assert not folder.over_quota()
    (deep / "d").mkdir()
    assert folder.over_quota()
    assert [file.path.read_text() for file in folder.collect()[0]] == ["x"]


def test_folders_of_any_depth_are_removed(tmp_path: Path) -> None:
    """Deeper than Python's recursion, and than the longest path that the system takes."""
    (tmp_path / "kept").write_text("kept")
    code = (
        "import os, sys\nos.mkdir(sys.argv[1])\nos.chdir(sys.argv[1])\nos.symlink('../kept', 'link')\n"
        "for n in range(1200):\n    open('file', 'w').close()\n    os.mkdir('deeper')\n    os.chdir('deeper')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "deep")], check=True)
    remove_tree(tmp_path / "deep")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    remove_tree(tmp_path / "never")


def test_a_session_that_digs_itself_in_is_ended_and_removed(bench: Bench) -> None:
    result = bench.run(
        "import os\nfor n in range(2000):\n    os.mkdir('deeper'); os.chdir('deeper')\nimport time\ntime.sleep(5)"
    )
    assert result.outcome == "lost"
    assert "Disk limit reached" in result.logs
    old = bench.worker.folder
    bench.told("import shutil\nshutil.rmtree('/mnt/data/deeper', ignore_errors=True)")
    assert not old.exists()


def test_a_zip_bomb_comes_out_as_its_own_bytes(bench: Bench) -> None:
    code = (
        "import zipfile\nwith zipfile.ZipFile('/mnt/data/bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z:\n"
        "    with z.open('zeros', 'w') as f:\n        for _ in range(50): f.write(bytes(1 << 20))"
    )
    result = bench.run(code)
    assert [file.name for file in result.files] == ["bomb.zip"]
    assert result.files[0].path.stat().st_size < MB
