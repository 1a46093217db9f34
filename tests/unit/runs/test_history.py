"""A thread's messages as turns: text without marks, images as addresses or as the bytes of files."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest

from desktop_app.models.base import Image, ModelError, Turn
from desktop_app.runs.history import history_turns
from desktop_app.runs.images import ImageReader
from desktop_app.store.files import insert_file
from desktop_app.wire import limits
from tests.unit.runs.conftest import House

PNG = b"\x89PNG\r\n\x1a\n and the rest"
LEFT_OUT = "[an image was here]"


@pytest.fixture
def reader(house: House) -> Iterator[ImageReader]:
    with house.database.read() as connection:
        yield ImageReader(connection, house.blobs)


def _message(role: str, *parts: Any, run_id: str | None = None) -> dict[str, Any]:
    """Parts are texts, or other parts as they are."""
    content = [
        {"type": "text", "text": {"value": part, "annotations": []}} if isinstance(part, str) else part
        for part in parts
    ]
    return {"role": role, "content": content, "run_id": run_id}


def _at(url: str, detail: str = "auto") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}


def _of(file_id: str) -> dict[str, Any]:
    return {"type": "image_file", "image_file": {"file_id": file_id, "detail": "low"}}


def _add(house: House, data: bytes, name: str = "photo.txt") -> dict[str, Any]:
    """A file whose name says nothing about what it is."""
    (house.path.parent / "files").mkdir(exist_ok=True)
    blob = house.blobs.save(io.BytesIO(data), len(data))
    values = {"id": f"file-{name}", "created_at": 1, "filename": name, "purpose": "vision"}
    with house.database.write() as connection:
        insert_file(connection, values | {"bytes": blob.bytes, "sha256": blob.sha256})
    return _of(f"file-{name}")


def test_marks_of_earlier_answers_are_not_shown_to_the_model(reader: ImageReader) -> None:
    message = _message("assistant", "It is 250【1:0†a】 euros【1:1†b】.")
    message["content"][0]["text"]["annotations"] = [
        {"type": "file_citation", "start_index": start, "end_index": end} for start, end in [(9, 16), (22, 29)]
    ]
    assert history_turns([message, _message("user", "")], reader) == [Turn("assistant", "It is 250 euros.")]


def test_links_to_files_of_earlier_answers_are_shown(reader: ImageReader) -> None:
    message = _message("assistant", "See sandbox:/mnt/data/a.csv.")
    message["content"][0]["text"]["annotations"] = [{"type": "file_path", "start_index": 4, "end_index": 27}]
    assert history_turns([message], reader) == [Turn("assistant", "See sandbox:/mnt/data/a.csv.")]


def test_images_keep_their_places_between_the_texts(reader: ImageReader) -> None:
    first, second = "https://example.org/a.png", "data:image/png;base64,AAAA"
    (turn,) = history_turns([_message("user", "Compare", _at(first, "high"), "with", _at(second), "now.")], reader)
    assert turn.text == "Compare\n\nwith\n\nnow."
    assert list(turn.images) == [Image(first, "high", len("Compare")), Image(second, "auto", len("Compare\n\nwith"))]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 and the rest", "image/jpeg"),
        (b"GIF89a and the rest", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_a_file_becomes_its_bytes_with_the_type_that_they_have(house: House, data: bytes, kind: str) -> None:
    part = _add(house, data)
    with house.database.read() as connection:
        (turn,) = history_turns([_message("user", part)], ImageReader(connection, house.blobs))
    expected = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    assert turn == Turn("user", "", images=(Image(expected, "low", 0),))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 no image", "photo.txt is no image that models read"),
        (b"", "photo.txt is no image that models read"),
        (b"\x89PNG\r\n\x1a\n" * 100, "photo.txt is too large"),
        (None, "has been deleted"),
    ],
)
def test_an_image_that_can_t_be_sent_is_told_when_asked_and_noted_when_older(
    house: House, monkeypatch: pytest.MonkeyPatch, data: bytes | None, words: str
) -> None:
    monkeypatch.setattr("desktop_app.runs.images.MAX_IMAGE_BYTES", 700)
    part = _of("file-gone") if data is None else _add(house, data)
    older = [_message("user", "Look", part), _message("assistant", "I see.")]
    with house.database.read() as connection:
        with pytest.raises(ModelError, match=words) as failure:
            history_turns(
                [_message("user", part), _message("user", "What is it?")], ImageReader(connection, house.blobs)
            )
        turns = history_turns([*older, _message("user", "And now?")], ImageReader(connection, house.blobs))
    assert failure.value.code == "invalid_prompt"
    assert turns[0] == Turn("user", f"Look\n\n{LEFT_OUT}")


def test_a_file_whose_bytes_are_gone_is_told(house: House) -> None:
    part = _add(house, PNG)
    for path in (house.path.parent / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    with house.database.read() as connection, pytest.raises(ModelError, match="Upload it again"):
        history_turns([_message("user", part)], ImageReader(connection, house.blobs))


def test_where_images_are_too_much_together_the_newest_are_sent(reader: ImageReader) -> None:
    half = "data:image/png;base64," + "A" * (limits.MAX_IMAGE_BYTES * 4 // 3 // 2)
    asked = [_message(role, _at(half), str(at)) for at, role in enumerate(["user", "assistant", "user"])]
    turns = history_turns(asked, reader)
    assert [len(turn.images) for turn in turns] == [0, 0, 1]
    assert turns[0].text == f"{LEFT_OUT}\n\n0"


def test_a_run_s_own_drawing_is_noted(house: House, reader: ImageReader) -> None:
    drawn = _message("assistant", _of("file-chart"), "There.", run_id="run_1")
    assert history_turns([drawn], reader) == [Turn("assistant", f"{LEFT_OUT}\n\nThere.")]
