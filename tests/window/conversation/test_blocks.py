"""Where a message's Markdown is cut."""

import random

import pytest

from desktop_app.window.conversation.blocks import MOST, MOST_TABLE_ROWS, Part, definitions, split

ANSWER = """Intro of the answer.

1. one

2. two

   more of two

```python
a = 1

b = 2
```
After the code.

| a | b |
|---|---|
| 1 | 2 |

End.
"""


def slices(text: str, parts: list[Part]) -> list[str]:
    return [text[part.start : part.end] for part in parts]


@pytest.mark.parametrize("seed", range(20))
def test_parts_are_the_whole_text_in_order_and_none_is_too_long(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [
        "word ",
        "\n",
        "\n\n",
        "```\n",
        "| a | b |\n|---|---|\n",
        "| 1 | 2 |\n",
        "- item\n",
        "x" * 5000,
        "\n# h\n",
    ]
    text = "".join(chance.choice(pieces) for _ in range(400))
    for wanted in (1, 3000):
        parts = split(text, wanted=wanted)
        assert "".join(slices(text, parts)) == text
        assert all(part.end - part.start <= MOST for part in parts)


def test_an_ordinary_answer_is_one_part() -> None:
    assert slices(ANSWER, split(ANSWER)) == [ANSWER]
    assert split("") == [Part(0, 0)]


def test_finished_blocks_of_a_streamed_answer_are_parts_and_lists_stay_whole() -> None:
    starts = [piece.split("\n")[0] for piece in slices(ANSWER, split(ANSWER, wanted=1))]
    assert starts == ["Intro of the answer.", "```python", "After the code.", "| a | b |", "End."]


def test_cutting_a_growing_text_from_its_last_part_gives_the_same_parts() -> None:
    parts = split("", wanted=1)
    for end in range(1, len(ANSWER) + 1):
        tail = parts[-1]
        parts = [*parts[:-1], *split(ANSWER[:end], tail.start, tail.before, wanted=1)]
    assert parts == split(ANSWER, wanted=1)


def test_a_part_inside_a_fence_begins_with_the_fence() -> None:
    text = "~~~~python title\n" + "print('~~~')\n" * 1000 + "~~~~\nafter\n"
    parts = split(text)
    assert len(parts) > 2
    assert parts[0].before == ""
    assert {part.before for part in parts[1:-1]} == {"~~~~python title\n"}
    assert all(part.open_fence for part in parts[:-1])
    assert not parts[-1].open_fence


def test_a_part_inside_a_table_repeats_its_head() -> None:
    head = "| Name | Price |\n|---|--:|\n"
    text = head + "| Bell | 9 |\n" * 500 + "\nThat is all.\n"
    parts = split(text)
    assert {part.before for part in parts[1:]} == {head}
    assert max(piece.count("Bell") for piece in slices(text, parts)) <= MOST_TABLE_ROWS


def test_link_definitions_are_found_wherever_they_are() -> None:
    assert definitions("See [a].\n\n[a]: https://a.example 'A'\n\ntext\n[b]: <https://b.example>") == (
        "[a]: https://a.example 'A'\n\n[b]: <https://b.example>"
    )
    assert definitions("nothing") == ""
