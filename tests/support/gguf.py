"""GGUF files that tests make: small, whole or broken in one place."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

FIELDS: Mapping[str, Any] = {
    "general.architecture": "llama",
    "llama.context_length": 4096,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}
"""The description of a model that could be one."""


def gguf(
    fields: Mapping[str, Any] = FIELDS,
    tensors: Sequence[tuple[str, int, int]] = (("weights", 256, 0),),
    *,
    version: int = 3,
    missing: int = 0,
) -> bytes:
    """A file with these fields and tensors (name, numbers of 32 bits, offset), `missing` bytes cut off at its end."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(fields))
    head += b"".join(text(name) + value(each) for name, each in fields.items())
    for name, numbers, offset in tensors:
        head += text(name) + struct.pack("<IQIQ", 1, numbers, 0, offset)
    head += bytes(-len(head) % 32)
    whole = head + bytes(max((offset + 4 * numbers for _, numbers, offset in tensors), default=0))
    return whole[: len(whole) - missing]


def text(given: str) -> bytes:
    packed = given.encode()
    return struct.pack("<Q", len(packed)) + packed


def value(given: Any) -> bytes:
    match given:
        case bytes():
            return given
        case str():
            return struct.pack("<I", 8) + text(given)
        case int():
            return struct.pack("<II", 4, given)
        case _ if given and isinstance(given[0], str):
            return struct.pack("<IIQ", 9, 8, len(given)) + b"".join(text(each) for each in given)
        case _:
            return struct.pack("<IIQ", 9, 4, len(given)) + struct.pack(f"<{len(given)}I", *given)
