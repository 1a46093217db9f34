from pathlib import Path

from PySide6.QtCore import QByteArray

from desktop_app.window.memory import Memory


def test_what_is_remembered_is_there_at_the_next_start(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.set_layout("window", QByteArray(b"\x00\x01geometry"))
    memory.set_draft("thread_1", "Wie viele Tage?\nUnd ab wann? é“")
    memory.set_draft(None, "a new question")
    memory.save()
    again = Memory(tmp_path)
    assert again.layout("window") == QByteArray(b"\x00\x01geometry")
    assert again.draft("thread_1") == "Wie viele Tage?\nUnd ab wann? é“"
    assert again.draft(None) == "a new question"
    assert again.draft("thread_2") == ""
    assert again.layout("columns") is None


def test_an_emptied_draft_is_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.set_draft("thread_1", "something private")
    memory.set_draft("thread_1", "")
    memory.save()
    assert "private" not in (tmp_path / "window.ini").read_text()


def test_a_damaged_file_counts_as_nothing_remembered(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_bytes(b"\x00\xff[layout\nwindow=@ByteArray(\x01")
    memory = Memory(tmp_path)
    assert memory.layout("window") is None
    assert memory.draft(None) == ""


def test_a_file_of_another_version_is_not_misread(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.set_draft(None, "old")
    memory._settings.setValue("version", 99)
    memory.save()
    assert Memory(tmp_path).draft(None) == ""
