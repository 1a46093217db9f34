"""Files' bytes: kept once, complete or not at all."""

import hashlib
import io
from pathlib import Path

import pytest

from desktop_app.store.blobs import Blobs, BlobTooLargeError


def test_the_same_bytes_are_kept_once_and_found_by_their_digest(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    first = blobs.save(io.BytesIO(b"contract"), 100)
    second = blobs.save(io.BytesIO(b"contract"), 100)
    assert first == second
    assert first.sha256 == hashlib.sha256(b"contract").hexdigest()
    assert blobs.path(first.sha256).read_bytes() == b"contract"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first.sha256[2:]]


def test_a_file_over_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BlobTooLargeError):
        Blobs(tmp_path).save(io.BytesIO(b"x" * 3_000_000), 2_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the cable was pulled")

    with pytest.raises(OSError, match="cable"):
        Blobs(tmp_path).save(Broken(), 100)
    assert list(tmp_path.iterdir()) == []


def test_sweeping_removes_only_what_no_row_names(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    wanted, orphan = blobs.save(io.BytesIO(b"wanted"), 100), blobs.save(io.BytesIO(b"orphan"), 100)
    (tmp_path / ".new-cutoff").write_bytes(b"half an upload")
    blobs.sweep({wanted.sha256})
    assert blobs.path(wanted.sha256).exists()
    assert not blobs.path(orphan.sha256).exists()
    assert not (tmp_path / ".new-cutoff").exists()
