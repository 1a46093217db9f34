"""Files that can't be read: each gets a reason in words and a code, and the worker goes on."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pypdfium2 as pdfium
import pytest

from desktop_app.documents.parsing.pages import MAX_CHARACTERS, UnreadableFileError
from desktop_app.documents.parsing.process import ParserWorker
from tests.support.made_files import make_docx, make_pdf, make_raw_pdf, make_xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
GARBAGE = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def worker() -> Iterator[ParserWorker]:
    worker = ParserWorker(timeout_s=60, memory_mb=1500)
    yield worker
    worker.close()


def reason(worker: ParserWorker, path: Path) -> tuple[str, str]:
    with pytest.raises(UnreadableFileError) as caught:
        worker.parse(path, path.name)
    return caught.value.code, caught.value.message


def truncated(path: Path, share: float = 0.5) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.pdf", b"", "invalid_file", "empty"),
        ("empty.txt", b"", "invalid_file", "empty"),
        ("blank.txt", b" \n\n ", "invalid_file", "No text"),
        ("page.pdf", b"<html>no PDF</html>", "invalid_file", "not a PDF"),
        ("garbage.pdf", GARBAGE, "invalid_file", "not a PDF"),
        ("garbage.txt", GARBAGE, "invalid_file", "not text"),
        ("garbage.csv", GARBAGE, "invalid_file", "not text"),
        ("garbage.docx", GARBAGE, "invalid_file", "damaged"),
        ("garbage.pptx", GARBAGE, "invalid_file", "damaged"),
        ("garbage.xlsx", GARBAGE, "invalid_file", "damaged"),
        ("garbage.epub", GARBAGE, "invalid_file", "damaged"),
        ("secret.docx", OLE, "invalid_file", "password"),
        ("secret.xlsx", OLE, "invalid_file", "password"),
        ("letter.doc", OLE, "unsupported_file", ".docx"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + GARBAGE, "unsupported_file", ".jpg"),
        ("program.exe", GARBAGE, "unsupported_file", ".exe"),
        ("nameless", GARBAGE, "unsupported_file", "this kind"),
    ],
)
def test_what_cannot_be_read_says_why(
    worker: ParserWorker, tmp_path: Path, name: str, content: bytes, code: str, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found_code, message = reason(worker, tmp_path / name)
    assert found_code == code
    assert words in message


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_pdf_fails_with_a_reason(worker: ParserWorker, tmp_path: Path, share: float) -> None:
    path = truncated(make_pdf(tmp_path / "a.pdf", [["Some text."]] * 5), share)
    code, message = reason(worker, path)
    assert code == "invalid_file"
    assert "cut off" in message


def test_a_truncated_word_or_excel_file_fails_with_a_reason(worker: ParserWorker, tmp_path: Path) -> None:
    for path in (make_docx(tmp_path / "a.docx", ["x"]), make_xlsx(tmp_path / "a.xlsx", {"s": [["x"]]})):
        code, message = reason(worker, truncated(path))
        assert code == "invalid_file"
        assert "cut off" in message


def test_a_pdf_with_a_password_says_so(worker: ParserWorker, tmp_path: Path) -> None:
    code, message = reason(worker, make_pdf(tmp_path / "a.pdf", [["x"]], password="secret"))
    assert code == "invalid_file"
    assert "password" in message


def test_a_pdf_without_pages_says_so(worker: ParserWorker, tmp_path: Path) -> None:
    document = pdfium.PdfDocument.new()
    document.save(tmp_path / "none.pdf")
    document.close()
    reason(worker, make_pdf(tmp_path / "locked.pdf", [["x"]], password="secret"))  # PDFium remembers its last error
    code, message = reason(worker, tmp_path / "none.pdf")
    assert code == "invalid_file"
    assert "no pages" in message


def test_a_scan_needs_text_recognition(worker: ParserWorker, tmp_path: Path) -> None:
    code, message = reason(worker, make_pdf(tmp_path / "scan.pdf", [None, [], None]))
    assert code == "invalid_file"
    assert message == "No text was found: these are pictures of pages (a scan). Text recognition is needed."


def test_blank_paper_is_no_scan(worker: ParserWorker, tmp_path: Path) -> None:
    code, message = reason(worker, make_pdf(tmp_path / "blank.pdf", [[], [" "]]))
    assert (code, message) == ("invalid_file", "No text was found in this file.")


def test_a_missing_file_says_so(worker: ParserWorker, tmp_path: Path) -> None:
    code, message = reason(worker, tmp_path / "gone.txt")
    assert code == "server_error"
    assert "missing" in message


def test_a_folder_is_refused(worker: ParserWorker, tmp_path: Path) -> None:
    code, message = reason(worker, tmp_path)
    assert code == "server_error"
    assert "could not be read" in message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_read_permission_says_so(worker: ParserWorker, tmp_path: Path) -> None:
    path = tmp_path / "locked.txt"
    path.write_text("x")
    path.chmod(0)
    code, message = reason(worker, path)
    assert code == "server_error"
    assert "could not be read" in message


def test_a_pdf_of_300_megabytes_is_read_without_loading_it(tmp_path: Path) -> None:
    worker = ParserWorker(timeout_s=60, memory_mb=250)
    try:
        [page] = worker.parse(make_raw_pdf(tmp_path / "huge.pdf", "A few words.", padding=300_000_000), "huge.pdf")
    finally:
        worker.close()
    assert page.text == "A few words."


def test_300_megabytes_of_text_are_refused_without_being_read(worker: ParserWorker, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.write(b"text " * 10_000)
        file.truncate(300_000_000)
    code, message = reason(worker, path)
    assert code == "invalid_file"
    assert f"{MAX_CHARACTERS // 1_000_000} million characters" in message


def test_more_text_than_the_limit_is_refused(worker: ParserWorker, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_bytes(b"0123456 " * (MAX_CHARACTERS // 8 + 1))
    assert "million characters" in reason(worker, tmp_path / "long.txt")[1]


def test_a_zip_bomb_ends_within_its_memory(tmp_path: Path) -> None:
    path = make_docx(tmp_path / "bomb.docx", ["x"])
    with zipfile.ZipFile(path) as good:
        members = {name: good.read(name) for name in good.namelist()}
    body = members.pop("word/document.xml")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, data in members.items():
            bomb.writestr(name, data)
        with bomb.open("word/document.xml", "w", force_zip64=True) as member:
            member.write(body.replace(b"<w:t>x</w:t>", b"<w:t>"))
            for _ in range(500):
                member.write(b"a" * 1_000_000)
    worker = ParserWorker(timeout_s=60, memory_mb=256)
    try:
        code, message = reason(worker, path)
    finally:
        worker.close()
    assert code in ("invalid_file", "server_error")
    assert message
    assert psutil.virtual_memory().available


def test_the_worker_goes_on_after_a_bad_file(worker: ParserWorker, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(GARBAGE)
    reason(worker, tmp_path / "bad.pdf")
    assert worker.parse(make_pdf(tmp_path / "good.pdf", [["Good."]]), "good.pdf")[0].text == "Good."
