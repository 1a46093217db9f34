"""The headers of GGUF files, whole and hostile."""

import os
import random
import struct
from pathlib import Path

import pytest

from desktop_app.models.local.gguf import GgufError, GgufHeader, read_header
from tests.support.gguf import FIELDS, gguf, text

_AN_ARRAY, _A_TEXT = struct.pack("<I", 9), struct.pack("<I", 8)
_HUGE = struct.pack("<Q", 1 << 62)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(GgufError) as refused:
        read_header(path)
    return str(refused.value)


def test_a_header_says_what_the_model_is_and_what_its_context_costs(path: Path) -> None:
    path.write_bytes(gguf(FIELDS | {"general.license": "mit"}))
    assert read_header(path) == GgufHeader(
        architecture="llama",
        licence="mit",
        context_tokens=4096,
        layers=2,
        kv_bytes_per_token=2 * 2 * 2 * (16 + 16),  # 2 bytes, 2 layers, 2 heads, a key and a value of 64 / 4 numbers
        chat_template=FIELDS["tokenizer.chat_template"],
    )


def test_the_costs_of_a_context_count_each_layer_s_heads_and_their_own_widths(path: Path) -> None:
    each_layer = {"llama.attention.head_count_kv": [1, 3], "llama.attention.key_length": 128}
    path.write_bytes(gguf(FIELDS | each_layer))
    assert read_header(path).kv_bytes_per_token == 2 * (1 + 3) * (128 + 16)


def test_a_model_calls_tools_if_its_chat_template_knows_them(path: Path) -> None:
    path.write_bytes(gguf())
    assert not read_header(path).calls_tools
    path.write_bytes(gguf(FIELDS | {"tokenizer.chat_template": "{% if tools %}{{ tools }}{% endif %}"}))
    assert read_header(path).calls_tools


def test_a_file_that_misses_its_end_is_told_by_how_much(path: Path) -> None:
    assert "model.gguf is not whole: 100 bytes are missing" in refusal(path, gguf(missing=100))


def test_a_file_that_ends_anywhere_before_is_refused(path: Path) -> None:
    whole = gguf()
    for length in range(0, len(whole) - 1, 7):
        assert "model.gguf" in refusal(path, whole[:length])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not whole"),
        (b"PK\x03\x04" + bytes(200), "no GGUF file"),
        (b"<html><body>Not found</body></html>", "no GGUF file"),
        (gguf(version=1), "version"),
        (gguf(version=0x03000000), "version"),
        (gguf({}), "which kind of model"),
        (gguf(FIELDS | {"general.architecture": "clip"}), "an addition to a model"),
        (gguf(FIELDS | {"general.type": "adapter"}), "an addition to a model"),
        (gguf({name: each for name, each in FIELDS.items() if "template" not in name}), "no chat template"),
        (gguf(tensors=()), "damaged"),
    ],
)
def test_what_is_no_model_is_refused_in_words(path: Path, content: bytes, says: str) -> None:
    assert says in refusal(path, content)


@pytest.mark.parametrize(
    "content",
    [
        b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 1),
        b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 40),
        b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + _HUGE,
        gguf(FIELDS | {"x": _A_TEXT + _HUGE}),
        gguf(FIELDS | {"x": _AN_ARRAY + struct.pack("<I", 8) + _HUGE}),
        gguf(FIELDS | {"x": _AN_ARRAY + struct.pack("<I", 10) + _HUGE}),
        gguf(FIELDS | {"x": _AN_ARRAY + struct.pack("<IQI", 9, 1, 9) * 1000}),
        gguf(FIELDS | {"x": struct.pack("<I", 77)}),
    ],
)
def test_counts_and_lengths_that_can_t_be_are_not_believed(path: Path, content: bytes) -> None:
    assert "model.gguf is damaged" in refusal(path, content)


@pytest.mark.parametrize("offset", [1 << 40, (1 << 64) - 1])
def test_tensors_outside_the_file_are_not_believed(path: Path, offset: int) -> None:
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + text("w") + struct.pack("<IQIQ", 1, 256, 0, offset)
    assert "Download it again" in refusal(path, head + bytes(4096))


def test_numbers_of_the_wrong_kind_or_size_count_as_unknown(path: Path) -> None:
    odd = {"llama.context_length": "many", "llama.attention.head_count": 0, "llama.attention.head_count_kv": ["a"]}
    path.write_bytes(gguf(FIELDS | odd))
    header = read_header(path)
    assert (header.context_tokens, header.kv_bytes_per_token) == (0, 0)


def test_any_damage_is_a_refusal_or_a_header_and_nothing_else(path: Path) -> None:
    chance, whole, refusals = random.Random(7), gguf(), list[str]()
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            read_header(path)
        except GgufError as error:
            refusals.append(str(error))
    assert refusals
    assert all("model.gguf" in each for each in refusals)


def test_folders_pipes_and_missing_files_are_no_models(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "missing.gguf"]
    if hasattr(os, "mkfifo"):
        places.append(tmp_path / "pipe.gguf")
        os.mkfifo(places[-1])
    for place in places:
        with pytest.raises(GgufError, match="There is no file"):
            read_header(place)
