import random
from itertools import pairwise

import pytest

from desktop_app.models.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.5 million. He left.", ["Dr. Smith paid 3.5 million.", "He left."]),
        ("Ask J. Doe at 5 p.m. The rest stayed.", ["Ask J. Doe at 5 p.m.", "The rest stayed."]),
        ("See e.g. Fig. 3 for U.S. law. Done.", ["See e.g. Fig. 3 for U.S. law.", "Done."]),
        ("The answer is no. Rule no. 7 says so.", ["The answer is no.", "Rule no. 7 says so."]),
        ('"Why?" she asked. "Because." He left.', ['"Why?" she asked.', '"Because."', "He left."]),
        ("Wait ... for it. Now.", ["Wait ... for it.", "Now."]),
        ("Am 3. Oktober war es z.B. kalt. Gut.", ["Am 3. Oktober war es z.B. kalt.", "Gut."]),
        ("你好。今天天气很好！是吗？是。", ["你好。", "今天天气很好！", "是吗？", "是。"]),
        ("यह एक है। यह दो है।", ["यह एक है।", "यह दो है।"]),
        ("- first point\n- second. It goes on.", ["- first point", "- second.", "It goes on."]),
        ("1. Install it.\n2. Enjoy it.", ["1. Install it.", "2. Enjoy it."]),
        ("Item: Nail; Price: 3.50\nItem: Bolt; Price: 4", ["Item: Nail; Price: 3.50", "Item: Bolt; Price: 4"]),
        ("| a | b |\n|---|---|\n| 1. | 2 |", ["| a | b |", "|---|---|", "| 1. | 2 |"]),
        ("# Leave\nEveryone who works here gets\n25 days.", ["# Leave", "Everyone who works here gets\n25 days."]),
        ("## 5. Theft and damage\nCall the police.", ["## 5. Theft and damage", "Call the police."]),
        ("Intro . . . . . . . 5\nUse . . . . . . . 9", ["Intro . . . . . . . 5", "Use . . . . . . . 9"]),
        ("Annual leave\nEmployees get 25 days a year.", ["Annual leave", "Employees get 25 days a year."]),
        (
            "Everyone who works here gets 25 days of leave\nEach year, of which five may be\ncarried over. Ask.",
            ["Everyone who works here gets 25 days of leave\nEach year, of which five may be\ncarried over.", "Ask."],
        ),
        ("A title\n\nA text", ["A title", "A text"]),
        ("", []),
        (" \n\n\t ", []),
    ],
)
def test_a_text_is_split_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_million_full_stops_take_no_longer_than_other_text() -> None:
    assert len(sentences("." * 1_000_000)) == 1000


def test_text_without_full_stops_is_cut_between_words() -> None:
    found = sentences("word " * 1000)
    assert max(map(len, found)) <= 1000
    assert " ".join(found).split() == ["word"] * 1000


def test_sentences_cover_all_that_is_not_white_space_in_order() -> None:
    chance = random.Random(7)
    pieces = [
        "a",
        "B",
        "Mr.",
        "e.g.",
        "3.5",
        "J.",
        ".",
        "?",
        "...",
        "。",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "- ",
        "|",
        "# ",
        ";",
    ]
    for _ in range(2000):
        text = "".join(chance.choices(pieces, k=chance.randrange(60)))
        spans = split_sentences(text)
        assert all(start < end for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())
        assert not any(text[start].isspace() or text[end - 1].isspace() for start, end in spans)
