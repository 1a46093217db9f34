"""Markdown as Qt's documents get it: what is shown, and what never is."""

import pytest

from desktop_app.window.conversation import markdown
from desktop_app.window.conversation.text import clean, plain_to_html
from desktop_app.window.theme import DARK, LIGHT, contrast


def html(text: str) -> str:
    return markdown.to_html(clean(text), "", LIGHT)


def test_tables_strikethrough_and_tasks_are_known() -> None:
    assert "<th>a</th>" in html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert "<s>old</s>" in html("~~old~~")
    assert "☑ done" in html("- [x] done\n- [ ] open")
    assert "☐ open" in html("- [x] done\n- [ ] open")
    assert "<input" not in html("- [x] done")


def test_code_is_coloured_by_its_language_unless_it_is_still_being_written() -> None:
    code = "```python\nreturn 'x'\n```"
    assert f'<span style="color: {LIGHT.accent.name()}">return</span>' in html(code)
    assert "<span" not in markdown.to_html(code, "", LIGHT, plain_code=True)
    assert "<span" not in html("```no-such-language\nreturn 'x'\n```")
    assert "<b>" not in html("```html\n<b>bold</b>\n```")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_colours_of_code_can_be_read(colours: object) -> None:
    assert colours in (LIGHT, DARK)
    for colour in (colours.muted, colours.accent, colours.success, colours.warning, colours.text):  # type: ignore[attr-defined]
        assert contrast(colour, colours.raised) >= 4.5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src='file:///etc/passwd'>",
        "<table><tr><td>",
        "a <b onclick='x'>b</b>",
        "```\n<img src=x>\n```",
        "`<img src=x>`",
        "| <img src=x> | b |\n|---|---|",
        "[<img src=x>](https://a.example)",
        "![<img src=x>](https://a.example)",
        "# <img src=x>",
    ],
)
def test_raw_html_stays_text(text: str) -> None:
    result = html(text)
    assert "<img" not in result
    assert "<script" not in result
    assert "<b " not in result
    assert "&lt;" in result


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "vbscript:x", "/etc/passwd", "ftp://a", "//["],
)
def test_only_links_to_the_web_and_mail_are_links(address: str) -> None:
    assert "<a " not in html(f"[words]({address}) ![image]({address}) <{address}>")


def test_images_are_links_that_nobody_follows_unasked() -> None:
    assert html("![a chart](https://a.example/x.png)") == '<p><a href="https://a.example/x.png">a chart</a></p>'


def test_links_defined_in_another_part_are_found() -> None:
    assert '<a href="https://a.example">the manual</a>' in markdown.to_html(
        "See [the manual][m].", "[m]: https://a.example", LIGHT
    )


def test_cleaning_keeps_positions_and_takes_what_qt_would_obey() -> None:
    text = "a\r\nb\rc\u2029d\x00\ufdd0\ufffc\ue000\ud800 \u202eexe.fdp\t👍"
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert cleaned == "a \nb\nc\nd\ufffd\ufffd\ufffd\ufffd\ufffd \u200bexe.fdp\t👍"


def test_plain_text_is_shown_as_it_was_typed() -> None:
    assert "*a*<br />  &lt;b&gt;" in plain_to_html("*a*\n  <b>")
