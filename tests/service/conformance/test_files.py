"""/files"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage

REFUSED: list[Refusal] = [
    ("listFiles", "limit=10001", 400, "limit"),
    ("createFile", {}, 400, "file"),
    ("retrieveFile", None, 404, "id"),
    ("downloadFile", None, 404, "id"),
    ("deleteFile", None, 404, "id"),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("createFile", "retrieveFile", "listFiles", "downloadFile", "deleteFile")
def test_a_file_from_its_upload_to_its_end(stage: Stage) -> None:
    files = stage.client.files
    made = files.create(
        file=("Übersicht.csv", b"1,2\n"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert (made.filename, made.bytes, made.status) == ("Übersicht.csv", 4, "processed")
    assert files.retrieve(made.id) == made
    assert files.list(purpose="user_data").data == [made]
    assert files.content(made.id).read() == b"1,2\n"
    assert files.delete(made.id).to_dict() == {"id": made.id, "object": "file", "deleted": True}
    assert stage.http.delete(f"/files/{made.id}").status_code == 404
