"""What a person drops, as files that can be uploaded or reasons why not."""

import os
import socket
from pathlib import Path

import pytest

from desktop_app.client.gather import gather
from desktop_app.wire.limits import MAX_FILE_BYTES


def test_a_folder_gives_its_files_in_order_without_the_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt", ".git/config"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("text")
    found = list(gather([tmp_path]))
    assert [each.path.relative_to(tmp_path).as_posix() for each in found] == ["a.txt", "b.txt", "sub/c.txt"]
    assert all(each.problem == "" for each in found)


def test_a_file_named_twice_comes_once(tmp_path: Path) -> None:
    path = tmp_path / "契約書 №1.txt"
    path.write_text("text")
    (tmp_path / "link.txt").symlink_to(path)
    assert [each.path.name for each in gather([path, path, tmp_path])] == [path.name]


def test_each_file_that_cannot_be_uploaded_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with (tmp_path / "huge.pdf").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    (tmp_path / "good.txt").write_text("text")
    problems = {each.path.name: each.problem for each in gather([tmp_path, tmp_path / "missing.txt"])}
    assert "empty" in problems["empty.txt"]
    assert "larger than 512 MB" in problems["huge.pdf"]
    assert "no such file" in problems["missing.txt"]
    assert problems["good.txt"] == ""


def test_a_pipe_or_socket_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert all(
            "device, socket or pipe" in each.problem for each in gather([tmp_path / "pipe", tmp_path / "socket"])
        )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("text")
    path.chmod(0)
    assert [each.problem for each in gather([path])] == ["You have no permission to read this file."]


def test_a_folder_without_files_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("text")
    assert [(each.path, each.problem) for each in gather([tmp_path])] == [
        (tmp_path, "There are no files in this folder.")
    ]


def test_a_folder_with_too_many_files_says_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.client.gather.MAX_FOLDER_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("text")
    found = list(gather([tmp_path]))
    assert [each.path.name for each in found[:-1]] == ["0.txt", "1.txt", "2.txt"]
    assert "first 3 files" in found[-1].problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_says_so_and_its_neighbours_are_read(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "good.txt").write_text("text")
    (tmp_path / "closed").chmod(0)
    try:
        problems = {each.path.name: each.problem for each in gather([tmp_path])}
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert problems == {"good.txt": "", "closed": "This folder can't be read: Permission denied."}
