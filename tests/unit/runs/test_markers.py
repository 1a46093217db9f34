"""Citation marks are found in every form, at every cut of the stream, and ordinary brackets are left alone."""

import pytest

from desktop_app.runs.markers import Mark, MarkParser

KNOWN = {1, 2, 3, 4, 12}


def parse(pieces: list[str], searched: bool = True) -> list[str | Mark]:
    parser = MarkParser(KNOWN.__contains__, lambda: searched)
    parts: list[str | Mark] = []
    for number, piece in enumerate([*pieces, ""]):
        for part in parser.feed(piece, last=number == len(pieces)):
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    return parts


FORMS = [
    ("It costs 30 EUR [3].", ["It costs 30 EUR ", (3,), "."]),
    ("It costs 30 EUR[3].", ["It costs 30 EUR", (3,), "."]),
    ("It costs 30 EUR. [3]", ["It costs 30 EUR. ", (3,)]),
    ("Both [3, 4] agree", ["Both ", (3, 4), " agree"]),
    ("Both [3,4] agree", ["Both ", (3, 4), " agree"]),
    ("Both [3][4] agree", ["Both ", (3,), (4,), " agree"]),
    ("Both [3] [4] agree", ["Both ", (3,), " ", (4,), " agree"]),
    ("A note [^3] here", ["A note ", (3,), " here"]),
    ("A mark 【3】 here", ["A mark ", (3,), " here"]),
    ("A mark 【3†source】 here", ["A mark ", (3,), " here"]),
    ("A mark 【4:0†source】 here", ["A mark ", (1,), " here"]),
    ("A mark 【4:2†price list.pdf】 here", ["A mark ", (3,), " here"]),
    ("A mark 【3, 4】 here", ["A mark ", (3, 4), " here"]),
    ("全角［３］です", ["全角", (3,), "です"]),
    ("全角[３]です", ["全角", (3,), "です"]),
    ("Two digits [12].", ["Two digits ", (12,), "."]),
    ("[1] says so", [(1,), " says so"]),
    ("- **Fee** [1]\n- Term [2]", ["- **Fee** ", (1,), "\n- Term ", (2,)]),
    ("Some `code` and [1]", ["Some `code` and ", (1,)]),
    ("```\na[1]\n```\nThen [1].", ["```\na[1]\n```\nThen ", (1,), "."]),
    # marks that name no passage are dropped
    ("It costs 30 EUR [9].", ["It costs 30 EUR."]),
    ("It costs [9] EUR", ["It costs EUR"]),
    ("Both [3, 9] agree", ["Both ", (3,), " agree"]),
    ("Gone 【9】.", ["Gone."]),
    ("Gone 【4:77†source】.", ["Gone."]),
]

ORDINARY = [
    "```python\nx = a[1] + b[2]\n```\n",
    "~~~\na[1]\n~~~\n",
    "- item\n  ```\n  a[1]\n  ```\n",
    "inline `a[1]` code",
    "double ``a[1] ` b[2]`` code",
    "a link [1](https://example.org) and [text](url)",
    "an image ![3](x.png)",
    "a reference [text][1] link",
    "- [x] done\n- [ ] open",
    "the year [2020] and [1999, 2000]",
    "an index a[0], x[1] and my_list[2] or row.cells[3] or f(x)[1]",
    "an interval [0, 1]",
    r"escaped \[1\] and math \[ x \]",
    "empty [] and [ ] and [,]",
    "unfinished [1",
    "unfinished 【4:0†sour",
    "Japanese 【重要】 heading",
    "[see note 3]",
    "nested [[1]]"[:9],
    "a tilde ~5 and `",
    "trailing blanks   ",
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_mark_is_found_wherever_the_stream_is_cut(text: str, expected: list[object], size: int) -> None:
    parts = parse([text[at : at + size] for at in range(0, len(text), size)])
    assert [part.numbers if isinstance(part, Mark) else part for part in parts] == expected


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_ordinary_brackets_pass_unchanged(text: str, size: int) -> None:
    assert parse([text[at : at + size] for at in range(0, len(text), size)]) == [text]


def test_before_any_search_a_number_in_brackets_is_ordinary_text() -> None:
    assert parse(["see [9] or [2020]"], searched=False) == ["see [9] or [2020]"]


def test_text_is_not_held_back_longer_than_a_mark_could_be() -> None:
    parser = MarkParser(KNOWN.__contains__, lambda: True)
    assert parser.feed("plain text ") == ["plain text"]
    assert parser.feed("goes on") == [" goes on"]
    assert parser.feed("【" + "x" * 301) == ["【" + "x" * 301]
