"""The readable text of HTML: block by block, without scripts, styles and addresses."""

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from desktop_app.documents.parsing.pages import ParsedPage
from desktop_app.documents.parsing.tables import table_lines
from desktop_app.documents.parsing.text import decode

_HIDDEN = {"script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select", "title"}
_PARAGRAPHS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "section"),
    *("article", "header", "footer", "nav", "main", "aside", "figure", "form", "hr", "body"),
}
_LINES = {"br", "li", "dt", "dd", "div", "tr", "figcaption", "caption", "option", "label", "address"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_CHARSET_WITHIN = 1024  # bytes, as browsers do
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")


def read_html(path: Path) -> Iterator[ParsedPage]:
    yield ParsedPage(1, "", html_text(decode(path, _declared_charset(path))))


def html_text(markup: str) -> str:
    """Paragraphs are parted by an empty line, rows of a table are lines. Malformed markup is no error."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text()


def _declared_charset(path: Path) -> str:
    with path.open("rb") as file:
        found = _CHARSET.search(file.read(_CHARSET_WITHIN))
    try:
        return codecs.lookup(found[1].decode()).name if found else "cp1252"
    except LookupError:
        return "cp1252"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._line: list[str] = []
        self._hidden: list[str] = []
        self._preformatted = 0
        self._rows: list[list[str]] | None = None
        self._depth = 0

    def text(self) -> str:
        while self._rows is not None:
            self._end_table()
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._blocks)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag == "table":
            self._start_table()
        elif self._rows is not None:
            self._table_tag(tag)
        elif tag in _PARAGRAPHS:
            self._end_paragraph()
        elif tag in _LINES:
            self._end_line()
        self._preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        elif tag == "table" and self._rows is not None:
            self._end_table()
        elif self._rows is None and tag in _PARAGRAPHS:
            self._end_paragraph()
        elif self._rows is None and tag in _LINES:
            self._end_line()
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._preformatted and self._rows is None:
            first, *others = data.split("\n")
            self._line.append(first)
            for line in others:
                self._end_line(keep_space=True)
                self._line.append(line)
        else:
            self._line.append(data)

    def _end_line(self, keep_space: bool = False) -> None:
        line = "".join(self._line)
        self._line.clear()
        line = line.rstrip() if keep_space or self._preformatted else _SPACE.sub(" ", line).strip()
        if line or keep_space:
            self._blocks.append(line)

    def _end_paragraph(self) -> None:
        self._end_line()
        if self._blocks and self._blocks[-1]:
            self._blocks.append("")

    # A table nested in a cell is read as text of that cell.
    def _start_table(self) -> None:
        self._depth += 1
        if self._rows is None:
            self._end_paragraph()
            self._rows = []

    def _table_tag(self, tag: str) -> None:
        assert self._rows is not None
        if self._depth == 1 and tag in ("tr", "td", "th"):
            self._end_cell()
            if tag == "tr":
                self._rows.append([])
            else:
                if not self._rows:
                    self._rows.append([])
                self._rows[-1].append("")
        else:
            self._line.append(" ")

    def _end_cell(self) -> None:
        content = "".join(self._line)
        self._line.clear()
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += content
        elif content.strip():
            self._blocks.append(_SPACE.sub(" ", content).strip())

    def _end_table(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._end_cell()
            rows, self._rows = self._rows or [], None
            self._blocks.extend(table_lines(rows))
            self._blocks.append("")
