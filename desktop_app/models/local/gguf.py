"""The header of a GGUF file, read with limits before anything of it is loaded.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian. A file from
anywhere may lie about every count and length, so none is believed beyond its limit or the size of the file.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MAX_FIELDS = 65_536
MAX_TENSORS = 65_536
MAX_ITEMS = 4_194_304
"""Of an array: vocabularies are the longest, with some 260,000."""
MAX_NAME_BYTES = 65_535
MAX_TEXT_BYTES = 8 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024 * 1024
_MAX_DIMENSIONS = 4
_KEPT_ITEMS = 4096
"""Longer arrays are passed over: nothing here asks for them."""

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9
_ALIGNMENT = 32

_BYTES_OF_BLOCKS = {
    1: {0: 4, 1: 2, 24: 1, 25: 2, 26: 4, 27: 8, 28: 8, 30: 2},
    32: {2: 18, 3: 20, 6: 22, 7: 24, 8: 34, 20: 18, 39: 17},
    256: {
        10: 84,
        11: 110,
        12: 144,
        13: 176,
        14: 210,
        15: 292,
        16: 66,
        17: 74,
        18: 98,
        19: 50,
        21: 110,
        22: 82,
        23: 136,
    }
    | {29: 56, 34: 54, 35: 66},
}
"""By how many numbers a block has: the bytes of one, by the tensor types of ggml.h. Others are not measured."""
_BLOCKS = {kind: (numbers, size) for numbers, sizes in _BYTES_OF_BLOCKS.items() for kind, size in sizes.items()}


class GgufError(Exception):
    """The file can't be used as a language model; the message names it and says why."""


@dataclass(frozen=True)
class GgufHeader:
    """What a file says of itself; 0 and "" where it says nothing. `kv_bytes_per_token`: memory for each token read."""

    architecture: str
    licence: str
    context_tokens: int
    layers: int
    kv_bytes_per_token: int
    chat_template: str

    @property
    def calls_tools(self) -> bool:
        """Whether its chat template has a place for tools: a model that never saw any makes calls up."""
        return "tools" in self.chat_template


def read_header(path: Path) -> GgufHeader:
    """The checked header of a file whose tensors are all there; raises GgufError."""
    try:
        if not path.is_file():
            raise GgufError(f"There is no file {path}.")
        with path.open("rb") as file:
            return _Reader(file, path.name, path.stat().st_size).header()
    except OSError as error:
        raise GgufError(f"{path} can't be read: {error.strerror or error}.") from error


class _Reader:
    def __init__(self, file: IO[bytes], name: str, size: int) -> None:
        self._file = file
        self._name = name
        self._size = size
        self._read = 0

    def header(self) -> GgufHeader:
        if self._bytes(4) != _MAGIC:
            raise GgufError(f"{self._name} is no GGUF file. Choose a file that ends in .gguf.")
        version = self._number("<I")
        if version not in _VERSIONS:
            raise GgufError(f"{self._name} is of a GGUF version that can't be read here. Choose a newer file.")
        tensors = self._count("<Q", MAX_TENSORS, "tensors")
        count = self._count("<Q", MAX_FIELDS, "fields")
        fields: dict[str, Any] = {}
        for _ in range(count):
            key = self._text(MAX_NAME_BYTES)
            fields[key] = self._value(self._number("<I"))
        self._check_tensors(tensors, fields)
        return self._described(fields)

    def _described(self, fields: dict[str, Any]) -> GgufHeader:
        architecture = _words(fields, "general.architecture")
        if not architecture:
            raise GgufError(f"{self._name} does not say which kind of model it is, so it can't be run.")
        if architecture == "clip" or _words(fields, "general.type") not in ("", "model"):
            raise GgufError(
                f"{self._name} is an addition to a model (such as its eyes), not a model. Choose the model itself."
            )
        template = _words(fields, "tokenizer.chat_template")
        if not template:
            raise GgufError(
                f"{self._name} holds no chat template, so it can't hold a conversation. Choose a model whose name "
                "says 'instruct', 'chat' or 'it'."
            )
        return GgufHeader(
            architecture=architecture,
            licence=_words(fields, "general.license"),
            context_tokens=_whole(fields.get(f"{architecture}.context_length")),
            layers=_whole(fields.get(f"{architecture}.block_count")),
            kv_bytes_per_token=_kv_bytes(fields, architecture),
            chat_template=template,
        )

    def _check_tensors(self, count: int, fields: dict[str, Any]) -> None:
        """Every tensor must lie within the file; else it is truncated, or lies."""
        ends = [0]
        for _ in range(count):
            self._text(MAX_NAME_BYTES)
            numbers = 1
            for _ in range(self._count("<I", _MAX_DIMENSIONS, "dimensions")):
                numbers *= self._number("<Q")
            block, size = _BLOCKS.get(self._number("<I"), (1, 0))
            ends.append(self._number("<Q") + -(-numbers // block) * size)
        alignment = _whole(fields.get("general.alignment")) or _ALIGNMENT
        start = -(-self._read // alignment) * alignment
        if count == 0 or start + max(ends) > self._size:
            missing = start + max(ends) - self._size
            raise GgufError(
                f"{self._name} is not whole: {missing:,} bytes are missing at its end. Download it again."
                if count and missing < 1 << 50
                else f"{self._name} is damaged: its list of contents can't be right. Download it again."
            )

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text(MAX_TEXT_BYTES)
        if kind == _ARRAY:
            return self._array()
        return self._number(self._format(kind))

    def _array(self) -> list[Any] | None:
        """The items of a short array of numbers; None for any other."""
        kind = self._number("<I")
        count = self._count("<Q", MAX_ITEMS, "items")
        if kind == _TEXT:
            for _ in range(count):
                self._bytes(self._count("<Q", MAX_TEXT_BYTES, "characters"))
            return None
        form = self._format(kind)
        packed = self._bytes(count * struct.calcsize(form))
        return [number for (number,) in struct.iter_unpack(form, packed)] if count <= _KEPT_ITEMS else None

    def _format(self, kind: int) -> str:
        if kind not in _NUMBERS:  # an array within an array is none either: no model has it
            raise self._damaged(f"a value of the unknown kind {kind}")
        return _NUMBERS[kind]

    def _text(self, limit: int) -> str:
        return self._bytes(self._count("<Q", limit, "characters")).decode("utf-8", "replace")

    def _count(self, form: str, limit: int, what: str) -> int:
        count: int = self._number(form)
        if count > limit:
            raise self._damaged(f"{count:,} {what} where at most {limit:,} can be")
        return count

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._bytes(struct.calcsize(form)))[0]

    def _bytes(self, count: int) -> bytes:
        self._read += count
        if self._read > MAX_HEADER_BYTES:
            raise self._damaged("a description that does not end")
        given = self._file.read(count) if self._read <= self._size else b""
        if len(given) < count:
            raise GgufError(f"{self._name} is not whole: it ends within its own description. Download it again.")
        return given

    def _damaged(self, what: str) -> GgufError:
        return GgufError(f"{self._name} is damaged: it names {what}. Download it again.")


def _kv_bytes(fields: dict[str, Any], architecture: str) -> int:
    """Memory for one token of context: a key and a value of 16-bit numbers for each head of each layer."""

    def of_attention(name: str) -> Any:
        return fields.get(f"{architecture}.attention.{name}")

    layers, heads = _whole(fields.get(f"{architecture}.block_count")), _whole(of_attention("head_count"))
    width = _whole(fields.get(f"{architecture}.embedding_length")) // max(1, heads)
    given = of_attention("head_count_kv")
    kv_heads = sum(_whole(each) for each in given) if isinstance(given, list) else (_whole(given) or heads) * layers
    return (
        2
        * kv_heads
        * ((_whole(of_attention("key_length")) or width) + (_whole(of_attention("value_length")) or width))
    )


def _whole(given: Any) -> int:
    """A number of a plausible size, else 0."""
    return given if type(given) is int and 0 < given < 1 << 32 else 0


def _words(fields: dict[str, Any], key: str) -> str:
    given = fields.get(key)
    return given if isinstance(given, str) else ""
