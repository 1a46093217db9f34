"""The text of a document for the clipboard and for screen readers."""

from collections.abc import Iterator

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument, QTextListFormat

from desktop_app.window.conversation.chips import CHIP

_OBJECT = "\ufffc"
"""What stands in a document's text where a chip is."""

_JOINERS = str.maketrans("", "", "\u2060")


def plain_text(document: QTextDocument, start: int = 0, end: int | None = None) -> str:
    """The text between two positions: lists with their bullets, table cells parted by tabs, chips as [1]."""
    end = document.characterCount() - 1 if end is None else end
    pieces: list[str] = []
    before: tuple[object, ...] | None = None
    for block in blocks(document, start, end):
        if not block.text() and not block.textList() and QTextCursor(block).currentTable() is None:
            continue
        group = _group(block)
        if before is not None:
            pieces.append("\t" if group == before and group[0] == "row" else _gap(before, group))
        pieces.append(_block_text(block, start, end))
        before = group
    return "".join(pieces).translate(_JOINERS)


def blocks(document: QTextDocument, start: int = 0, end: int | None = None) -> Iterator[QTextBlock]:
    """The paragraphs from the one at position `start` to the one before `end`, those in tables too."""
    block = document.findBlock(start)
    while block.isValid() and (end is None or block.position() < end or block.position() <= start):
        yield block
        block = block.next()


def fragments(block: QTextBlock) -> Iterator[tuple[int, int, QTextCharFormat]]:
    """(position, length, format) of the runs of equally formatted characters."""
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        yield fragment.position(), fragment.length(), fragment.charFormat()
        iterator += 1


def _group(block: QTextBlock) -> tuple[object, ...]:
    """What a block belongs to: blocks of one group stand closer together in plain text."""
    cursor = QTextCursor(block)
    table = cursor.currentTable()
    if table is not None and table.columns() > 1:
        return "row", table.firstPosition(), table.cellAt(cursor).row()
    if block.textList() is not None:
        return ("list",)
    return ("code", table.firstPosition()) if table is not None else ("text", block.position())


def _gap(before: tuple[object, ...], group: tuple[object, ...]) -> str:
    return "\n" if before[:2] == group[:2] else "\n\n"


def _block_text(block: QTextBlock, start: int, end: int) -> str:
    document = block.document()
    first, last = max(start, block.position()), min(end, block.position() + block.length() - 1)
    cursor = QTextCursor(document)
    cursor.setPosition(first)
    cursor.setPosition(max(last, first), QTextCursor.MoveMode.KeepAnchor)
    text = cursor.selectedText().replace("\u2028", "\n")
    if last < end:
        text = text.rstrip(" ")
    if _OBJECT in text:
        for position, length, form in fragments(block):
            for place in range(max(position, first), min(position + length, last)):
                if form.isImageFormat() and document.characterAt(place) == _OBJECT:
                    text = text.replace(_OBJECT, f"[{form.toImageFormat().name().removeprefix(CHIP)}]", 1)
    items = block.textList()
    if items is not None and first == block.position():
        style = items.format().style()
        if style is QTextListFormat.Style.ListDecimal:
            text = f"{items.itemText(block)} {text}"
        elif style is not QTextListFormat.Style.ListStyleUndefined:
            text = f"• {text}"
    return text
