"""/files"""

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
import openai
import pytest

from tests.support.service_process import ServiceProcess


def blobs(service: ServiceProcess) -> set[str]:
    return {path.parent.name + path.name for path in (service.data_dir / "files").rglob("*") if path.is_file()}


def test_a_file_keeps_its_bytes(client: openai.OpenAI, shared: ServiceProcess) -> None:
    content = bytes(range(256)) * 4097
    file = client.files.create(file=("data.bin", content), purpose="user_data")
    assert (file.bytes, file.filename, file.purpose, file.status) == (
        len(content),
        "data.bin",
        "user_data",
        "processed",
    )
    assert client.files.content(file.id).content == content
    assert client.files.retrieve(file.id) == file
    assert hashlib.sha256(content).hexdigest() in blobs(shared)


def test_a_path_on_disk_can_be_uploaded(client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "Prüfung 測試.txt"
    path.write_text("words")
    assert client.files.create(file=path, purpose="assistants").filename == "Prüfung 測試.txt"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ελληνικά.pdf", "Ελληνικά.pdf"),
        ("عربي.docx", "عربي.docx"),
        ("🧑‍🚀.txt", "🧑‍🚀.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("..", "file"),
        ("folder/", "file"),
        ("line\nbreak.txt", "linebreak.txt"),
        ('with "quotes".txt', 'with "quotes".txt'),
        ("ü" * 300 + ".pdf", "ü" * 125 + ".pdf"),
    ],
)
def test_names_are_kept_in_any_script_and_lead_nowhere(client: openai.OpenAI, given: str, kept: str) -> None:
    file = client.files.create(file=(given, b"x"), purpose="assistants")
    assert file.filename.replace("%22", '"').replace("%0A", "") == kept


@pytest.mark.parametrize(
    ("disposition", "kept"),
    [
        (b"filename*=UTF-8''%E6%B8%AC%E8%A9%A6.txt", "測試.txt"),
        (b"filename=\"a.txt\"; filename*=utf-8'en'%C3%BC.txt", "ü.txt"),
        (b"filename*=iso-8859-1''%A3%20rates.txt", "£ rates.txt"),
        (b"filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        (b"filename*=utf-8''say%20%22hi%22%5C.txt", ".txt"),
        (b"filename*=utf-8''say%20%22hi%22.txt", 'say "hi".txt'),
        (b"filename*=utf-8''a%00b%0D%0Ac.txt", "abc.txt"),
        (b"filename*=nonsense''%FF.txt", "\ufffd.txt"),
        (b"filename*=utf-8''", "file"),
    ],
)
def test_a_name_may_come_only_in_its_extended_form(http: httpx2.Client, disposition: bytes, kept: str) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; ' + disposition + b"\r\n\r\nbytes\r\n--x--\r\n"
    )
    answer = http.post("/files", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["filename"], answer.json()["bytes"]) == (kept, 5)


def test_a_file_said_to_be_too_large_is_refused_before_it_is_read(shared: ServiceProcess) -> None:
    address = httpx2.URL(shared.base_url)
    head = (
        f"POST /v1/files HTTP/1.1\r\nHost: {address.host}:{address.port}\r\nAuthorization: Bearer {shared.api_key}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {600 * 1024**2}\r\n\r\n"
    )
    with socket.create_connection((address.host, address.port or 0), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("bytes=0-1", b"01"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89"), ("bytes=0-", None)],
)
def test_a_range_of_the_content_can_be_asked_for(
    http: httpx2.Client, upload: Callable[..., str], asked: str, answered: bytes | None
) -> None:
    answer = http.get(f"/files/{upload('0123456789')}/content", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == (answered or b"0123456789")
    assert answer.headers["content-range"].endswith("/10")


@pytest.mark.parametrize(
    "asked", ["bytes=10-", "bytes=5-4", "bytes=x", "lines=1-2", "bytes=0-1,4-5", "bytes=" + "9" * 99]
)
def test_a_range_that_is_not_there_is_refused(http: httpx2.Client, upload: Callable[..., str], asked: str) -> None:
    assert http.get(f"/files/{upload('0123456789')}/content", headers={"Range": asked}).status_code == 416


def test_lost_bytes_are_told_in_words(http: httpx2.Client, upload: Callable[..., str], shared: ServiceProcess) -> None:
    content = "bytes that somebody removes by hand"
    file_id = upload(content, name="lost.txt")
    digest = hashlib.sha256(content.encode()).hexdigest()
    (shared.data_dir / "files" / digest[:2] / digest[2:]).unlink()
    answer = http.get(f"/files/{file_id}/content")
    assert answer.status_code == 404
    assert "lost.txt" in answer.json()["error"]["message"]
    assert http.request("DELETE", f"/files/{file_id}").status_code == 200


def test_an_empty_file_is_accepted(client: openai.OpenAI) -> None:
    file = client.files.create(file=("empty.txt", b""), purpose="assistants")
    assert file.bytes == 0
    assert client.files.content(file.id).content == b""


def test_a_lifetime_is_answered_as_its_end(client: openai.OpenAI) -> None:
    file = client.files.create(
        file=("a.txt", b"x"), purpose="assistants", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert file.expires_at == file.created_at + 3600


@pytest.mark.parametrize(
    ("data", "code", "param"),
    [
        ({}, "missing_required_parameter", "purpose"),
        ({"purpose": "fun"}, "invalid_value", "purpose"),
        ({"purpose": "assistants", "extra": "1"}, "unknown_parameter", "extra"),
        (
            {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "10"},
            "integer_below_min_value",
            "expires_after.seconds",
        ),
        (
            {"purpose": "assistants", "expires_after[anchor]": "created_at", "expires_after[seconds]": "soon"},
            "invalid_type",
            "expires_after.seconds",
        ),
        (
            {"purpose": "assistants", "expires_after": "soon", "expires_after[seconds]": "3600"},
            "invalid_type",
            "expires_after",
        ),
    ],
)
def test_wrong_form_fields_are_refused(http: httpx2.Client, data: dict[str, str], code: str, param: str) -> None:
    answer = http.post("/files", data=data, files={"file": ("a.txt", b"x")})
    assert answer.status_code == 400, answer.text
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"purpose": "assistants"}', "application/json"),
        (b"purpose=assistants", "application/x-www-form-urlencoded"),
        (b"no form at all", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=x"),
    ],
)
def test_a_broken_form_is_refused(http: httpx2.Client, content: bytes, content_type: str) -> None:
    assert http.post("/files", content=content, headers={"Content-Type": content_type}).status_code == 400


def test_a_form_without_a_file_or_with_two_is_refused(http: httpx2.Client) -> None:
    answer = http.post("/files", files={"purpose": (None, "assistants")})
    assert answer.json()["error"]["code"] == "missing_required_parameter"
    two = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    assert http.post("/files", data={"purpose": "assistants"}, files=two).status_code == 400


def test_files_are_listed_by_purpose(client: openai.OpenAI) -> None:
    vision = [client.files.create(file=("a.png", bytes([n])), purpose="vision").id for n in range(3)]
    assert [file.id for file in client.files.list(purpose="vision")] == vision[::-1]
    page = client.files.list(purpose="vision", limit=2, order="asc")
    assert [file.id for file in page.data] == vision[:2]
    assert page.has_more


def test_equal_bytes_are_kept_once_until_the_last_file_goes(client: openai.OpenAI, shared: ServiceProcess) -> None:
    content = b"the same bytes twice"
    digest = hashlib.sha256(content).hexdigest()
    first, second = (client.files.create(file=(name, content), purpose="assistants").id for name in ("a", "b"))
    client.files.delete(first)
    assert digest in blobs(shared)
    assert client.files.content(second).content == content
    client.files.delete(second)
    assert digest not in blobs(shared)


def test_a_deleted_file_leaves_stores_and_resources(client: openai.OpenAI, upload: Callable[..., str]) -> None:
    file_id, kept = upload("gone soon"), upload("stays")
    store = client.vector_stores.create(file_ids=[file_id, kept])
    assistant = client.beta.assistants.create(
        model="deskside-reader",
        tools=[{"type": "code_interpreter"}],
        tool_resources={"code_interpreter": {"file_ids": [file_id, kept]}},
    )
    deleted = client.files.delete(file_id)
    assert deleted.to_dict() == {"id": file_id, "object": "file", "deleted": True}
    assert [file.id for file in client.vector_stores.files.list(store.id)] == [kept]
    assert client.vector_stores.retrieve(store.id).file_counts.total == 1
    resources = client.beta.assistants.retrieve(assistant.id).tool_resources
    assert resources is not None
    assert resources.code_interpreter is not None
    assert resources.code_interpreter.file_ids == [kept]
    for call in (client.files.delete, client.files.retrieve, client.files.content):
        with pytest.raises(openai.NotFoundError, match="No such File object"):
            call(file_id)


def test_a_document_is_never_answered_as_a_web_page(http: httpx2.Client, upload: Callable[..., str]) -> None:
    answer = http.get(f"/files/{upload('<script>alert(1)</script>', name='page.html')}/content")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
