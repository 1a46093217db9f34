"""What a cell prints, as its reader gets it: in pieces of any size, and always the same text."""

import pytest

from desktop_app.interpreter.logs import CellLog

MARK = b"0123456789abcdef"
FOLDER = "/caches/somebody/.cache/code/aa55"


def _log(keep: int = 1000) -> tuple[CellLog, list[str]]:
    heard: list[str] = []
    return CellLog(MARK, FOLDER, keep, 10_000, heard.append), heard


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (b"plain\n", "plain\n"),
        ("Grüße 💡".encode(), "Grüße 💡"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (f"No such file: '{FOLDER}/a.csv'".encode(), "No such file: '/mnt/data/a.csv'"),
        (b"/caches/somebody/.cache/else", "/caches/somebody/.cache/else"),
        (b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07and \x1b(Bplain", "red and plain"),
        (b"an escape at the end \x1b", "an escape at the end \x1b"),
        (MARK[:5] + b" is no mark", "01234 is no mark"),
    ],
)
def test_text_is_the_same_in_pieces_of_any_size(printed: bytes, text: str, size: int) -> None:
    log, heard = _log()
    whole = printed + MARK
    for start in range(0, len(whole), size):
        log.feed(whole[start : start + size])
    assert log.ended.is_set()
    assert log.text() == text
    assert "".join(heard) == text


def test_what_comes_after_the_end_is_not_this_cell_s() -> None:
    log, heard = _log()
    log.feed(b"ours" + MARK + b"theirs")
    log.feed(b"theirs")
    assert log.text() == "ours"
    assert heard == ["ours"]


def test_the_beginning_is_kept_and_the_rest_counted() -> None:
    log, heard = _log(keep=10)
    log.feed(b"0123456789" * 100 + MARK)
    assert log.text() == "0123456789\n[990 more bytes of output were cut]\n"
    assert heard == ["0123456789"]
    assert not log.flooded.is_set()


def test_a_flood_is_noticed_before_its_end() -> None:
    log, _ = _log(keep=10)
    log.feed(b"x" * 10_001)
    assert log.flooded.is_set()
    assert not log.ended.is_set()
