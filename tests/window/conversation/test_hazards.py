"""Answers that no view should be asked to show: each is opened, jumped through, and streamed."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import ConversationView, MessageItem
from desktop_app.window.conversation.chips import ChipPainter
from desktop_app.window.conversation.document import PartDocument
from desktop_app.window.conversation.look import Look
from desktop_app.window.theme import LIGHT

PARAGRAPH = "Invoices are kept for **ten years**, see `policy` and [the manual](https://a.example). " * 5 + "\n\n"
HAZARDS = {
    "200,000 characters": PARAGRAPH * (200_000 // len(PARAGRAPH) + 1),
    "one line of 100 kB": "word " * 20_000,
    "one word of 100 kB": "x" * 100_000,
    "a table of 5,000 rows": "| a | b |\n|---|---|\n" + "| some words | 1 |\n" * 5000,
    "a table of 60 columns": "|" + "a|" * 60 + "\n|" + "---|" * 60 + "\n" + ("|" + "word|" * 60 + "\n") * 20,
    "4,000 lines of code": "```python\n" + "x = [1, 'two']  # three\n" * 4000,
    "30,000 list items": "- a\n" * 30_000,
    "lists 200 deep": "\n".join("  " * depth + "- a" for depth in range(200)),
    "quotes 500 deep": ">" * 500 + " a",
    "nested quotes": "\n".join(">" * depth + " a" for depth in range(1, 60)),
    "open brackets": "[" * 20_000,
    "open emphasis": "*a_ " * 10_000,
    "open links": "[a](" * 8000,
    "backticks": "`" * 5000 + "a" + "`" * 4999,
    "definitions": "\n".join(f"[{number}]: https://a.example/{number}" for number in range(3000)) + "\n\n[1]",
    "raw HTML": "<script>alert(1)</script><img src='file:///etc/passwd'><table><tr><td>" * 300,
    "images and scripts": "![x](file:///etc/passwd) ![y](http://127.0.0.1:1/y.png) [j](javascript:alert(1))",
    "bidi controls": "\u202eabc\u202d\u2067x" * 500,
    "characters Qt obeys": "\ufdd0a\ufdd1\ufffc\u2028\u2029\x00\x07\ud800\ue0001\ue001",
    "nothing but newlines": "\n" * 100_000,
    "nothing but spaces": " " * 100_000,
    "joined emoji": "👨‍👩‍👧‍👦" * 3000,
    "accents on accents": "a" + "\u0301" * 30_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HAZARDS)
def test_a_hostile_message_is_opened_and_scrolled_through(
    view: ConversationView, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    loaded = watch_loading(monkeypatch)
    text = HAZARDS[name]
    view.set_messages([MessageItem("a", "assistant", text), MessageItem("b", "user", text)])
    bar = view.verticalScrollBar()
    for tenth in range(0, 11, 2):
        bar.setValue(bar.maximum() * tenth // 10)
        assert not view.grab().isNull()
    assert loaded == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HAZARDS)
def test_a_hostile_answer_is_streamed(view: ConversationView, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    loaded = watch_loading(monkeypatch)
    text = HAZARDS[name]
    view.append(MessageItem("a", "assistant", status="in_progress"))
    step = len(text) // 8 + 1
    for start in range(0, len(text), step):
        view.add_text("a", text[start : start + step])
        view.flush()
        view.grab()
    view.replace(MessageItem("a", "assistant", text))
    message = view.message("a")
    assert message is not None
    assert message.item.text == text
    assert not view.grab().isNull()
    assert loaded == []


def watch_loading(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What text documents are asked to load from now on; Qt's own loader opens files."""
    loaded: list[object] = []
    original = PartDocument.loadResource

    def load(self: PartDocument, kind: int, name: QUrl | str) -> object:
        loaded.append(name)
        return original(self, kind, name)

    monkeypatch.setattr(PartDocument, "loadResource", load)
    return loaded


def test_a_document_never_opens_a_file(qtbot: QtBot, tmp_path: object) -> None:
    """Even if an image came through: what Qt's own document would read, ours does not."""
    secret = tmp_path / "secret.css"  # type: ignore[operator]
    secret.write_text("p { color: red }")
    address = QUrl.fromLocalFile(str(secret))
    kind = QTextDocument.ResourceType.StyleSheetResource.value
    look = Look(LIGHT)
    assert bytes(QTextDocument().resource(kind, address).data()) == b"p { color: red }"  # type: ignore[attr-defined]
    ours = PartDocument(f'<link rel="stylesheet" href="{address.toString()}"><p>text</p>', look, ChipPainter(look))
    assert ours.resource(kind, address) is None
