"""A conversation view on the screen, and the items to put into it."""

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.window.conversation import CitationMark, ConversationView, MessageItem
from desktop_app.window.conversation.document import PartDocument
from desktop_app.window.theme import LIGHT, Theme
from desktop_app.wire.extensions import Citation

HANDBOOK = Citation(
    file_id="file-1",
    file_name="handbook.pdf",
    quote="Employees get 30 days of leave <b>per year</b>.",
    page=4,
    page_label="page 4",
    start=120,
    end=158,
)
LEASE = Citation(file_id="file-2", file_name="lease.docx", quote="The rent is due on the first.", start=5, end=40)


@pytest.fixture
def view(qtbot: QtBot) -> ConversationView:
    Theme.current().use(LIGHT)
    Theme.current().apply()
    view = ConversationView()
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of every document that is built from now on."""
    pages: list[str] = []
    original = PartDocument.setHtml

    def set_html(self: PartDocument, html: str) -> None:
        pages.append(html)
        original(self, html)

    monkeypatch.setattr(PartDocument, "setHtml", set_html)
    return pages


def cited(text: str, *marks: tuple[str, Citation], id: str = "answer") -> MessageItem:
    """An answer in which each of the words `marks` names, in order, stands for a citation."""
    found, here = [], 0
    for words, citation in marks:
        start = text.index(words, here)
        here = start + len(words)
        found.append(CitationMark(start, here, citation))
    return MessageItem(id, "assistant", text, found)
