"""/uploads: files that come in parts."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types import Upload

from tests.service.conftest import sdk
from tests.service.test_expiry import change
from tests.service.test_files import blobs
from tests.support.service_process import ServiceProcess

CONTENT = bytes(range(256)) * 1000
UNKNOWN = "upload_" + "0" * 24


def announce(client: openai.OpenAI, size: int, **options: Any) -> Upload:
    given = {"filename": "report.txt", "mime_type": "text/plain", "purpose": "assistants"} | options
    return client.uploads.create(bytes=size, **given)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_in_parts_becomes_a_file_with_the_same_bytes(client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "Prüfung 測試.bin"
    path.write_bytes(CONTENT)
    upload = client.uploads.upload_file_chunked(
        file=path, mime_type="text/plain", purpose="user_data", part_size=100_000, md5=hashlib.md5(CONTENT).hexdigest()
    )
    assert upload.status == "completed"
    assert upload.file is not None
    assert (upload.file.filename, upload.file.purpose, upload.file.bytes) == (path.name, "user_data", len(CONTENT))
    assert client.files.content(upload.file.id).content == CONTENT
    assert client.files.retrieve(upload.file.id) == upload.file


def test_bytes_in_memory_can_be_uploaded_in_parts_and_searched(client: openai.OpenAI) -> None:
    content = b"Refunds are paid within fourteen days. " * 40
    upload = client.uploads.upload_file_chunked(
        file=content, filename="a.txt", bytes=len(content), mime_type="text/plain", purpose="assistants", part_size=700
    )
    assert upload.file is not None
    store = client.vector_stores.create()
    done = client.vector_stores.files.create_and_poll(upload.file.id, vector_store_id=store.id)
    assert done.status == "completed"


def test_a_new_upload_waits_an_hour_for_its_parts(client: openai.OpenAI) -> None:
    upload = announce(client, 5, filename="../up/report.txt")
    assert upload.id.startswith("upload_")
    assert (upload.status, upload.bytes, upload.filename, upload.file) == ("pending", 5, "report.txt", None)
    assert upload.expires_at == upload.created_at + 3600
    part = client.uploads.parts.create(upload.id, data=b"12345")
    assert part.id.startswith("part_")
    assert (part.object, part.upload_id) == ("upload.part", upload.id)


def test_the_order_of_completion_is_the_order_of_the_bytes(client: openai.OpenAI) -> None:
    upload = announce(client, 6)
    last, first, _ = (client.uploads.parts.create(upload.id, data=data).id for data in (b"def", b"abc", b"unused"))
    done = client.uploads.complete(upload.id, part_ids=[first, last])
    assert done.file is not None
    assert client.files.content(done.file.id).content == b"abcdef"


def test_a_file_without_bytes_needs_no_parts(client: openai.OpenAI) -> None:
    done = client.uploads.complete(announce(client, 0).id, part_ids=[])
    assert done.file is not None
    assert (done.file.bytes, client.files.content(done.file.id).content) == (0, b"")


def test_the_lifetime_of_the_file_counts_from_its_completion(client: openai.OpenAI) -> None:
    upload = announce(client, 0, expires_after={"anchor": "created_at", "seconds": 7200})
    file = client.uploads.complete(upload.id, part_ids=[]).file
    assert file is not None
    assert file.expires_at == file.created_at + 7200


def test_what_does_not_match_is_refused_and_can_be_put_right(client: openai.OpenAI) -> None:
    upload = announce(client, 6)
    whole, half = (client.uploads.parts.create(upload.id, data=data).id for data in (b"abcdef", b"abc"))
    other = client.uploads.parts.create(announce(client, 3).id, data=b"abc").id
    md5 = hashlib.md5(b"abcdef").hexdigest()
    for part_ids, checksum, param in (
        ([half], md5, "part_ids"),
        ([], md5, "part_ids"),
        ([half, other], md5, "part_ids[1]"),
        ([whole], "0" * 32, "md5"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            client.uploads.complete(upload.id, part_ids=part_ids, md5=checksum)
        assert caught.value.param == param
    done = client.uploads.complete(upload.id, part_ids=[whole], md5=md5.upper())
    assert done.status == "completed"


def test_a_completed_upload_takes_no_more_and_answers_a_repeated_completion(client: openai.OpenAI) -> None:
    upload = announce(client, 3)
    part = client.uploads.parts.create(upload.id, data=b"abc").id
    done = client.uploads.complete(upload.id, part_ids=[part])
    assert client.uploads.complete(upload.id, part_ids=[part]) == done
    for call in (lambda: client.uploads.parts.create(upload.id, data=b"d"), lambda: client.uploads.cancel(upload.id)):
        with pytest.raises(openai.BadRequestError, match="is completed"):
            call()
    assert done.file is not None
    client.files.delete(done.file.id)
    with pytest.raises(openai.NotFoundError):
        client.uploads.complete(upload.id, part_ids=[part])


def test_a_cancelled_upload_leaves_nothing(client: openai.OpenAI, shared: ServiceProcess) -> None:
    upload = announce(client, len(CONTENT))
    part = client.uploads.parts.create(upload.id, data=CONTENT + b"cancelled").id
    assert sha256(CONTENT + b"cancelled") in blobs(shared)
    cancelled = client.uploads.cancel(upload.id)
    assert (cancelled.status, cancelled.file) == ("cancelled", None)
    assert client.uploads.cancel(upload.id) == cancelled
    assert sha256(CONTENT + b"cancelled") not in blobs(shared)
    with pytest.raises(openai.BadRequestError, match="is cancelled"):
        client.uploads.parts.create(upload.id, data=b"late")
    with pytest.raises(openai.BadRequestError, match="is cancelled"):
        client.uploads.complete(upload.id, part_ids=[part])
    assert sha256(b"late") not in blobs(shared)


def test_parts_go_when_the_file_is_made_unless_they_are_it(client: openai.OpenAI, shared: ServiceProcess) -> None:
    pieces = b"first piece, ", b"second piece"
    upload = announce(client, len(b"".join(pieces)))
    ids = [client.uploads.parts.create(upload.id, data=piece).id for piece in pieces]
    client.uploads.complete(upload.id, part_ids=ids)
    assert sha256(b"".join(pieces)) in blobs(shared)
    assert blobs(shared).isdisjoint(sha256(piece) for piece in pieces)
    whole = announce(client, 5)
    client.uploads.complete(whole.id, part_ids=[client.uploads.parts.create(whole.id, data=b"whole").id])
    assert sha256(b"whole") in blobs(shared)


def test_of_completions_and_cancellations_at_once_one_wins(client: openai.OpenAI) -> None:
    upload = announce(client, 3)
    part = client.uploads.parts.create(upload.id, data=b"abc").id
    ends: list[str] = []

    def end(cancel: bool) -> None:
        try:
            ended = client.uploads.cancel(upload.id) if cancel else client.uploads.complete(upload.id, part_ids=[part])
            ends.append(ended.status)
        except openai.BadRequestError:
            return

    threads = [threading.Thread(target=end, args=(number % 2 == 0,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 4
    assert len(set(ends)) == 1


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"bytes": None}, "missing_required_parameter", "bytes"),
        ({"bytes": -1}, "integer_below_min_value", "bytes"),
        ({"bytes": 512 * 1024**2 + 1}, "integer_above_max_value", "bytes"),
        ({"bytes": "5"}, "invalid_type", "bytes"),
        ({"filename": None}, "missing_required_parameter", "filename"),
        ({"mime_type": None}, "missing_required_parameter", "mime_type"),
        ({"mime_type": ""}, "string_below_min_length", "mime_type"),
        ({"purpose": "fun"}, "invalid_value", "purpose"),
        ({"purpose": "vision"}, "invalid_value", "mime_type"),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 5}},
            "integer_below_min_value",
            "expires_after.seconds",
        ),
        ({"extra": 1}, "unknown_parameter", "extra"),
    ],
)
def test_a_wrong_announcement_is_refused(http: httpx2.Client, change: dict[str, Any], code: str, param: str) -> None:
    good = {"bytes": 5, "filename": "a.txt", "mime_type": "text/plain", "purpose": "assistants"}
    body = {name: value for name, value in (good | change).items() if value is not None}
    answer = http.post("/uploads", json=body)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)


def test_unknown_uploads_and_broken_forms_are_refused(client: openai.OpenAI, http: httpx2.Client) -> None:
    assert http.post(f"/uploads/{UNKNOWN}/complete", json={"part_ids": []}).status_code == 404
    assert http.post(f"/uploads/{UNKNOWN}/cancel").status_code == 404
    assert http.post(f"/uploads/{UNKNOWN}/parts", files={"data": b"x"}).status_code == 404
    assert http.post("/uploads/undefined/cancel").status_code == 400
    upload = announce(client, 5)
    assert http.post(f"/uploads/{upload.id}/complete", json={}).json()["error"]["param"] == "part_ids"
    parts = f"/uploads/{upload.id}/parts"
    assert http.post(parts, json={"data": "x"}).json()["error"]["param"] == "data"
    assert http.post(parts, files={"file": b"x"}).json()["error"]["param"] == "data"
    assert http.post(parts, files={"data": (None, "x")}).json()["error"]["param"] == "data"
    assert http.post(parts, files={"data": b"x"}, data={"more": "1"}).json()["error"]["code"] == "unknown_parameter"


def test_a_part_over_the_limit_is_refused(http: httpx2.Client, client: openai.OpenAI, shared: ServiceProcess) -> None:
    upload = announce(client, 512 * 1024**2)
    before = blobs(shared)
    parts = f"/uploads/{upload.id}/parts"
    assert http.post(parts, files={"data": b"x" * (64 * 1024**2 + 1)}).status_code == 413
    assert blobs(shared) == before
    assert http.post(parts, files={"data": b"x" * 64 * 1024**2}).status_code == 200
    client.uploads.cancel(upload.id)


def test_an_upload_goes_on_after_kills(service: ServiceProcess) -> None:
    with sdk(service) as client:
        upload = announce(client, len(CONTENT))
        first = client.uploads.parts.create(upload.id, data=CONTENT[:1000]).id
    service.restart()
    with sdk(service) as client:
        second = client.uploads.parts.create(upload.id, data=CONTENT[1000:]).id
        done = client.uploads.complete(upload.id, part_ids=[first, second])
    service.restart()
    with sdk(service) as client:
        assert done.file is not None
        assert client.files.content(done.file.id).content == CONTENT
        assert client.uploads.complete(upload.id, part_ids=[first, second]) == done
    assert blobs(service) == {sha256(CONTENT)}


def test_an_upload_expires_with_its_parts(service: ServiceProcess) -> None:
    with sdk(service) as client:
        upload = announce(client, 3)
        part = client.uploads.parts.create(upload.id, data=b"abc").id
    change(service, f"UPDATE uploads SET expires_at = {upload.created_at}")
    with sdk(service) as client:
        with pytest.raises(openai.BadRequestError, match="is expired"):
            client.uploads.complete(upload.id, part_ids=[part])
        with pytest.raises(openai.BadRequestError, match="is expired"):
            client.uploads.cancel(upload.id)
        client.uploads.cancel(announce(client, 0).id)  # clears too
        assert blobs(service) == set()
    change(service, "UPDATE uploads SET expires_at = 1000")
    with sdk(service) as client:
        client.uploads.cancel(announce(client, 0).id)
        with pytest.raises(openai.NotFoundError):
            client.uploads.cancel(upload.id)
