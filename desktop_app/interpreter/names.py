"""File names that are harmless on every system, for files that go in and for those that code makes."""

import unicodedata
from collections.abc import Container

_FORBIDDEN = set('<>:"|?*\\/')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST_BYTES = 200


def clean(name: str) -> str:
    """One part of a path without control characters, invisible marks, signs and words that a system reserves.

    Never empty, never hidden, never longer than 200 bytes; the ending survives.
    """
    kept = "".join("_" if _odd(sign) else sign for sign in name).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = kept, ""
    if stem.lower() in _RESERVED or kept.split(".")[0].lower() in _RESERVED:
        stem = f"_{stem}"
    room = _LONGEST_BYTES - len(dot + ending)
    while len(stem.encode()) > max(room, 1):
        stem = stem[:-1]
    if len(ending.encode()) > _LONGEST_BYTES // 2:
        dot, ending = "", ""
    return (stem + dot + ending).lstrip("-") or "file"


def unused(name: str, taken: Container[str]) -> str:
    """`name`, or with a number before its ending when it is taken."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    number, found = 2, name
    while found in taken:
        found = f"{stem} ({number}){dot}{ending}"
        number += 1
    return found


def _odd(sign: str) -> bool:
    return sign in _FORBIDDEN or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
