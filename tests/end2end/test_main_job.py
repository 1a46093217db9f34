"""The main job as a person does it: drop a real PDF on the window, ask, click the citation, see the passage marked."""

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.documents.model_files import ModelFiles
from desktop_app.window.main_window import MainWindow
from desktop_app.wire.answers import NOT_FOUND
from tests.window.conftest import OpenWindow, until

KERBEROS = Path(__file__).parents[1] / "data" / "kerberos"


def drop(window: MainWindow, *paths: Path) -> None:
    """Let files go over the middle of the window, as a file manager does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    point, copy = window.rect().center(), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(point, copy, mime, buttons, keys))
    QApplication.sendEvent(window.overlay, QDropEvent(QPointF(point), copy, mime, buttons, keys))


async def ask(window: MainWindow, question: str) -> None:
    before = len(window.asking.items)
    QTest.keyClicks(window.conversation.composer.edit, question)
    QTest.mouseClick(window.conversation.composer.send, Qt.MouseButton.LeftButton)
    await until(lambda: len(window.asking.items) >= before + 2 and not window.asking.busy, 60)


def first_chip(window: MainWindow) -> QPoint:
    """Where the first citation of the newest answer is painted, in the view's viewport."""
    view = window.conversation.view
    message = view.message(window.asking.items[-1].id)
    assert message is not None
    for row in range(message.first_row, view.row_count()):
        for target, rect in view._rows[row].targets(view.scene):
            if target.kind == "citation":
                return view.row_rect(row).topLeft() + rect.center().toPoint()
    raise AssertionError("the answer shows no citation")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("document", "question", "answer"),
    [
        ("administration.pdf", "Which default ports do the KDC and the admin server use?", "port 749"),
        ("user-guide.pdf", "Which command shows my tickets?", "klist"),
    ],
)
async def test_a_dropped_pdf_answers_and_its_citation_marks_the_quoted_words_on_their_page(
    open_window: OpenWindow, model_files: ModelFiles, document: str, question: str, answer: str
) -> None:
    window = await open_window()
    drop(window, KERBEROS / document)
    await until(
        lambda: (
            [each.stage for each in window.right.documents.model.documents() if each.name == document] == ["ready"]
        ),
        120,
    )
    await ask(window, question)
    item = window.asking.items[-1]
    assert answer in item.text
    assert item.citations, item.text

    QTest.mouseClick(window.conversation.view.viewport(), Qt.MouseButton.LeftButton, pos=first_chip(window))
    await until(lambda: window.right.source is not None and window.right.source.marked_text(), 30)
    source = window.right.source
    assert source is not None

    citation = item.citations[0].citation
    assert citation.file_name == document
    assert source.current_page() == citation.page
    assert words(source.marked_text()) == words(citation.quote)
    with pypdfium2.PdfDocument(KERBEROS / document) as pdf:  # the page itself, read by nobody of ours
        assert citation.page is not None
        text = pdf[citation.page - 1].get_textpage().get_text_range()
    assert words(citation.quote) in words(text)


async def test_a_question_that_the_documents_do_not_answer_is_refused(
    open_window: OpenWindow, model_files: ModelFiles
) -> None:
    window = await open_window()
    await until(lambda: [each.stage for each in window.right.documents.model.documents()] == ["ready"] * 4, 120)
    await ask(window, "Who is the chief executive of Brightwater Cycles?")
    assert window.asking.items[-1].text == NOT_FOUND
    assert not window.asking.items[-1].citations
