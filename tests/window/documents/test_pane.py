"""Files dropped on the Documents pane, over the real service: what becomes of each, and what its row says."""

import asyncio
import os
from pathlib import Path

import openai
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox

from desktop_app.window.documents.model import Document
from desktop_app.wire.limits import MAX_FILE_BYTES
from tests.support.made_files import make_pdf
from tests.window.conftest import until
from tests.window.documents.conftest import Desk


async def test_a_dropped_pdf_is_added_read_and_ready(desk: Desk, tmp_path: Path) -> None:
    seen: set[str] = set()
    desk.pane.model.dataChanged.connect(lambda: seen.update(row.stage for row in desk.rows().values()))
    make_pdf(tmp_path / "records.pdf", [["Invoices are kept for ten years."], ["Contracts for six."]])
    await desk.add(tmp_path / "records.pdf")
    await desk.settled()
    row = desk.rows()["records.pdf"]
    assert (row.stage, row.page_count, row.reason) == ("ready", 2, "")
    assert "adding" in seen
    index = desk.pane.model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("records.pdf, 2 pages · ")
    titles = [label.text() for label in desk.pane.findChildren(QLabel)]
    await until(lambda: "Finance policies · 1 file" in [label.text() for label in desk.pane.findChildren(QLabel)])
    assert titles


async def test_of_a_dropped_folder_each_file_has_its_row_and_bad_ones_do_not_stop_the_others(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    make_pdf(folder / "good.pdf", [["Invoices are kept for ten years."]])
    make_pdf(folder / "secret.pdf", [["Locked."]], password="tree")
    (folder / "not-a.pdf").write_text("This only says that it is a PDF.")
    (folder / "empty.txt").touch()
    (folder / "deeper" / "契約 notes.md").write_text("Contracts are kept for six years.")
    (folder / ".hidden.txt").write_text("not for us")
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    os.mkfifo(folder / "pipe.txt")
    await desk.add(folder, tmp_path / "missing.pdf")
    await desk.settled()
    rows = desk.rows()
    assert set(rows) == {
        *("good.pdf", "secret.pdf", "not-a.pdf", "empty.txt", "契約 notes.md", "huge.txt", "pipe.txt", "missing.pdf")
    }
    assert rows["good.pdf"].stage == rows["契約 notes.md"].stage == "ready"
    for name, reason in {
        "secret.pdf": "password",
        "not-a.pdf": "not a PDF",
        "empty.txt": "empty",
        "huge.txt": "larger than 512 MB",
        "pipe.txt": "device, socket or pipe",
        "missing.pdf": "no such file",
    }.items():
        assert rows[name].stage in ("failed", "refused"), name
        assert reason in rows[name].reason, name


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_without_permission_says_so(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "locked.txt").write_text("text")
    (tmp_path / "locked.txt").chmod(0)
    await desk.add(tmp_path / "locked.txt")
    assert desk.rows()["locked.txt"].reason == "You have no permission to read this file."


async def test_the_same_file_again_is_refused_by_its_bytes_and_a_changed_one_is_added(
    desk: Desk, tmp_path: Path
) -> None:
    first, copy, other = tmp_path / "first.txt", tmp_path / "copy.txt", tmp_path / "other.txt"
    first.write_text("Invoices are kept for ten years.")
    copy.write_text("Invoices are kept for ten years.")
    other.write_text("Invoices are kept for two years.")
    await desk.add(first)
    await desk.settled()
    await desk.add(first, copy, other)
    await desk.settled()
    stages = [(row.name, row.stage) for row in desk.pane.model.documents()]
    assert stages.count(("first.txt", "ready")) == 1
    assert stages.count(("first.txt", "refused")) == 1
    assert ("copy.txt", "refused") in stages
    assert ("other.txt", "ready") in stages
    assert "already: “first.txt”" in desk.rows()["copy.txt"].reason
    listed = await desk.connection.openai.vector_stores.files.list(desk.store_id)
    assert len(listed.data) == 2


async def test_two_drops_of_one_file_at_once_add_it_once(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Invoices are kept for ten years.")
    await asyncio.gather(desk.add(path), desk.add(path))
    await desk.settled()
    assert sorted(row.stage for row in desk.pane.model.documents()) == ["ready", "refused"]


async def test_a_file_that_vanishes_before_its_turn_says_so_and_can_be_tried_again(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Invoices are kept for ten years.")
    await desk.add(path)
    path.unlink()
    await desk.settled()
    row = desk.rows()["notes.txt"]
    assert row.stage == "refused"
    assert "can't be read: No such file" in row.reason
    path.write_text("Invoices are kept for ten years.")
    desk.pane.list.retry_asked.emit(row.id)
    await until(lambda: desk.rows()["notes.txt"].stage == "ready", 60)


async def test_files_dropped_while_the_service_is_gone_keep_their_rows_and_can_be_tried_again(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Invoices are kept for ten years.")
    desk.session.disconnect_from_service()
    await desk.add(tmp_path / "notes.txt")
    await desk.settled()
    row = desk.rows()["notes.txt"]
    assert (row.stage, row.reason) == ("refused", "This file was not added. The service isn't running.")
    desk.session.connection = desk.connection
    desk.pane.list.retry_asked.emit(row.id)
    await until(lambda: desk.rows()["notes.txt"].stage == "ready", 60)


async def test_a_waiting_file_can_be_taken_back_and_the_others_go_on(desk: Desk, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"The file {name}.")
    await desk.add(tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.txt")
    desk.pane.list.delete_asked.emit(desk.rows()["b.txt"].id)
    desk.pane.list.delete_asked.emit(desk.rows()["a.txt"].id)
    await desk.settled()
    assert set(desk.rows()) == {"c.txt"}
    listed = await desk.connection.openai.vector_stores.files.list(desk.store_id)
    assert len(listed.data) == 1


async def test_an_upload_can_be_cancelled_halfway_and_leaves_nothing_in_the_service(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"All records are kept in the archive.\n" * 3_000_000)
    before = {file.id async for file in desk.connection.openai.files.list()}
    await desk.add(path)
    await until(lambda: 0 < desk.rows()["large.txt"].progress < 1)
    desk.pane.list.delete_asked.emit(desk.rows()["large.txt"].id)
    assert desk.rows() == {}
    await asyncio.sleep(0.5)
    assert {file.id async for file in desk.connection.openai.files.list()} == before


async def test_delete_asks_first_and_then_removes_the_file_from_store_and_service(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Invoices are kept for ten years.")
    await desk.add(tmp_path / "notes.txt")
    await desk.settled()
    file_id = desk.rows()["notes.txt"].id
    desk.pane.list.setCurrentIndex(desk.pane.model.index(0))
    QTest.keyClick(desk.pane.list, Qt.Key.Key_Delete)
    (box,) = desk.pane.findChildren(QMessageBox)
    assert "notes.txt" in box.text()
    assert set(desk.rows()) == {"notes.txt"}
    next(button for button in box.buttons() if button.text() == "Remove").click()
    await until(lambda: not desk.rows())
    await until(lambda: not desk.tasks.running(f"documents.remove.{file_id}"))
    with pytest.raises(openai.NotFoundError):
        await desk.connection.openai.files.retrieve(file_id)
    await asyncio.sleep(0)


async def test_a_file_that_another_store_has_too_stays_in_the_service(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Invoices are kept for ten years.")
    await desk.add(tmp_path / "notes.txt")
    await desk.settled()
    file_id = desk.rows()["notes.txt"].id
    await desk.connection.openai.vector_stores.create(name="Another", file_ids=[file_id])
    await desk.pane.files.remove(file_id)
    assert desk.rows() == {}
    assert (await desk.connection.openai.files.retrieve(file_id)).id == file_id


async def test_files_that_others_add_and_remove_appear_and_go_by_themselves(desk: Desk, tmp_path: Path) -> None:
    files = desk.connection.openai.files
    file = await files.create(file=("theirs.txt", b"Invoices are kept for ten years."), purpose="assistants")
    await desk.connection.openai.vector_stores.files.create(desk.store_id, file_id=file.id)
    await until(lambda: "theirs.txt" in desk.rows() and desk.rows()["theirs.txt"].stage == "ready", 60)
    await files.delete(file.id)
    await until(lambda: not desk.rows())


async def test_a_failed_file_is_read_again_on_retry(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_text("no PDF")
    await desk.add(tmp_path / "bad.pdf")
    await desk.settled()
    row = desk.rows()["bad.pdf"]
    assert row.stage == "failed"
    stages: list[str] = []
    desk.pane.model.dataChanged.connect(lambda: stages.append(desk.rows()["bad.pdf"].stage))
    desk.pane.list.setCurrentIndex(desk.pane.model.index(0))
    QTest.keyClick(desk.pane.list, Qt.Key.Key_R)
    await until(lambda: stages and stages[-1] == "failed", 60)
    assert set(stages) - {"failed"}, "it was tried again"


async def test_pages_without_text_are_told(desk: Desk, tmp_path: Path) -> None:
    make_pdf(tmp_path / "scan.pdf", [["Invoices are kept for ten years."], None, [], None])
    await desk.add(tmp_path / "scan.pdf")
    await desk.settled()
    row: Document = desk.rows()["scan.pdf"]
    assert (row.stage, row.pages_without_text) == ("ready", 2)
    text = desk.pane.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "2 without text" in text
    assert row.reason in text


async def test_enter_opens_a_document_but_not_a_refused_file(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Invoices are kept for ten years.")
    await desk.add(tmp_path / "notes.txt", tmp_path / "missing.txt")
    await desk.settled()
    opened: list[tuple[str, str]] = []
    desk.pane.open_requested.connect(lambda file_id, name: opened.append((file_id, name)))
    for row in range(2):
        desk.pane.list.setCurrentIndex(desk.pane.model.index(row))
        QTest.keyClick(desk.pane.list, Qt.Key.Key_Return)
    assert opened == [(desk.rows()["notes.txt"].id, "notes.txt")]
