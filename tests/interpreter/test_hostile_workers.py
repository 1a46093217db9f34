"""A worker that has been taken over says what it likes: the host survives, and ends it."""

import json
import struct
import zlib

import pytest

from desktop_app.interpreter import pictures
from tests.interpreter.conftest import Bench, is_alive

_PIPE = """
import gc, io, os, struct
def speak(data):
    for n in range(3, 32):
        try: os.write(n, data)
        except OSError: pass
def frame(head, attached=b''):
    return struct.pack('<II', len(head), len(attached)) + head + attached
"""
"""Writes into every pipe that it has, one of which is the host's."""

FORGED = {
    "a frame of 4 GB": "speak(struct.pack('<II', 0xFFFFFFFF, 0))",
    "a frame of 2 GB attached": "speak(struct.pack('<II', 2, 0x7FFFFFFF) + b'{}')",
    "no JSON": "speak(frame(b'{'))",
    "a list": "speak(frame(b'[]'))",
    "deeply nested": "speak(frame(b'[' * 200_000 + b']' * 200_000))",
    "a million lists": "speak(frame(b'[' + b'[],' * 1_000_000 + b'[]]'))",
    "no text": "speak(frame(bytes(range(256))))",
    "no kind": "speak(frame(b'{\"id\": 1}'))",
    "a strange kind": "speak(frame(b'{\"kind\": [1]}'))",
    "another cell's end": 'speak(frame(b\'{"kind": "done", "id": 99, "outcome": "ok"}\'))',
    "a strange end": 'speak(frame(b\'{"kind": "done", "id": null, "outcome": {}}\'))',
}


TABLE = {"head": ["", "x"], "body": [["0", "1"]], "rows": 1, "columns": 1}
FORGED_TABLES = {
    "no JSON": b"[",
    "no table": b"[{}, '']",
    "no text": b'[{"head": ["", 1], "body": [], "rows": 0, "columns": 1}, ""]',
    "half a character": json.dumps([TABLE, "\ud800"]).encode(),
    "a long text": json.dumps([TABLE | {"body": [["0", "x" * 81]]}, ""]).encode(),
    "many rows": json.dumps([TABLE | {"body": [["0", "1"]] * 51, "rows": 51}, ""]).encode(),
    "many columns": json.dumps([TABLE | {"head": [""] * 22, "body": [], "columns": 21}, ""]).encode(),
    "uneven rows": json.dumps([TABLE | {"body": [["0"]]}, ""]).encode(),
    "fewer rows than there are": json.dumps([TABLE | {"rows": 0}, ""]).encode(),
    "a count that is true": json.dumps([TABLE | {"rows": True}, ""]).encode(),
    "an endless count": json.dumps([TABLE | {"rows": 10**400}, ""]).encode(),
    "deeply nested": b"[" * 100_000,
    "megabytes": json.dumps([TABLE, "x" * 3_000_000]).encode(),
}


@pytest.mark.parametrize("attached", FORGED_TABLES.values(), ids=FORGED_TABLES.keys())
def test_a_forged_table_ends_the_worker_and_not_the_host(bench: Bench, attached: bytes) -> None:
    bench.run("1")
    forged = f'head = b\'{{"kind": "table", "id": %d}}\' % ({bench.session._cells} + 1)\n'
    unpacked = f"import zlib\nattached = zlib.decompress({zlib.compress(attached)!r})\n"
    result = bench.run(_PIPE + forged + unpacked + "speak(frame(head, attached))\nimport time\ntime.sleep(30)")
    assert (result.outcome, result.tables) == ("lost", [])
    assert bench.told("1 + 1") == "2"


def test_a_worker_that_sends_one_table_too_many_is_ended(bench: Bench) -> None:
    bench.run("1")
    forged = f'head = b\'{{"kind": "table", "id": %d}}\' % ({bench.session._cells} + 1)\n'
    result = bench.run(_PIPE + forged + f"for _ in range(6): speak(frame(head, {json.dumps([TABLE, ''])!r}.encode()))")
    assert (result.outcome, len(result.tables)) == ("lost", 5)


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED.keys())
def test_a_forged_frame_ends_the_worker_and_not_the_host(bench: Bench, forgery: str) -> None:
    bench.run("1")
    pid = bench.worker.process.pid
    result = bench.run(_PIPE + forgery + "\nimport time\ntime.sleep(30)")
    assert result.outcome == "lost"
    assert not is_alive(pid)
    assert bench.told("1 + 1") == "2"


@pytest.mark.parametrize(
    "png",
    [
        "b'GIF89a'",
        "b''",
        "b'\\x89PNG\\r\\n\\x1a\\n'",
        "b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I4sII', 13, b'IHDR', 100_000, 100_000)",
    ],
)
def test_a_picture_that_is_none_or_a_bomb_is_not_passed_on(bench: Bench, png: str) -> None:
    bench.run("1")
    forged = f'head = b\'{{"kind": "picture", "id": %d}}\' % ({bench.session._cells} + 1)\nspeak(frame(head, {png}))'
    result = bench.run(_PIPE + forged)
    assert result.pictures == ()
    assert result.outcome == "ok", result.logs


def test_a_worker_that_never_stops_sending_pictures_is_stopped_in_time(hurried: Bench) -> None:
    hurried.run("1")
    head = f'b\'{{"kind": "picture", "id": {hurried.session._cells + 1}}}\''
    result = hurried.run(
        _PIPE + f"while True:\n    try: speak(frame({head}, bytes(1 << 20)))\n    except BaseException: pass"
    )
    assert result.outcome == "lost"
    assert hurried.told("1 + 1") == "2"


def test_a_picture_must_be_a_png_of_a_bearable_size() -> None:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 10, 10)
    assert pictures.read(header) is not None
    assert pictures.read(header + bytes(pictures.MAX_BYTES)) is None
    assert pictures.read(header[:-8] + struct.pack(">II", 0, 10)) is None


def test_output_that_pretends_to_be_the_end_of_the_output_only_cuts_itself_short(bench: Bench) -> None:
    found = "[o['mark'] for o in gc.get_objects() if type(o) is dict and 'mark' in o]"
    code = f"import gc\nprint('before', *{found}, 'after')"
    result = bench.run(code)
    assert result.outcome == "ok"
    assert result.logs.startswith("before")
    assert bench.told("1 + 1") == "2"
