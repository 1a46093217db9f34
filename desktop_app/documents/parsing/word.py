"""Word files: paragraphs, tables and notes. By ourselves, for kreuzberg drops tabs and non-breaking hyphens,
which joins words that the document parts.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from desktop_app.documents.parsing.package import local_name, open_package, read_xml
from desktop_app.documents.parsing.pages import ParsedPage, clean
from desktop_app.documents.parsing.tables import table_lines

_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SKIPPED = {"pPr", "rPr", "del", "moveFrom", "Fallback", "sectPr", "tblPr", "tblGrid", "sdtPr"}
"""Formatting, deleted text, and the second copy of a text box."""
_NOTES = ("footnotes.xml", "endnotes.xml")


def read_word(path: Path) -> Iterator[ParsedPage]:
    with open_package(path) as package:
        text = "\n\n".join(block for part in _parts(package) for block in _blocks(read_xml(package, part)))
    yield ParsedPage(1, "", clean(text))


def _parts(package: zipfile.ZipFile) -> Iterator[str]:
    """The document, and its notes if it has some."""
    for relation in read_xml(package, "_rels/.rels"):
        if relation.attrib["Type"].endswith("/officeDocument"):
            document = relation.attrib["Target"].lstrip("/")
            folder = posixpath.dirname(document)
            yield document
            yield from sorted({posixpath.join(folder, name) for name in _NOTES} & set(package.namelist()))
            return
    raise KeyError("officeDocument")


def _blocks(parent: Element) -> Iterator[str]:
    """The paragraphs and tables below `parent`, without the empty ones."""
    for element in parent:
        name = local_name(element)
        if name == "p":
            if text := "".join(_pieces(element)).strip():
                yield text
        elif name == "tbl":
            yield from _table(element)
        elif name not in _SKIPPED:
            yield from _blocks(element)


def _pieces(parent: Element) -> Iterator[str]:
    """The text of a paragraph, piece by piece; text boxes in it become lines."""
    for element in parent:
        name = local_name(element)
        if name == "t":
            yield element.text or ""
        elif name in _SIGNS:
            yield _SIGNS[name]
        elif name == "txbxContent":
            yield "\n" + "\n".join(_blocks(element)) + "\n"
        elif name not in _SKIPPED:
            yield from _pieces(element)


def _table(table: Element) -> Iterator[str]:
    """A table as one block of rows; a table that only frames text as that text."""
    rows = [list(_cells(row)) for row in _rows(table)]
    if all(len(row) <= 1 for row in rows):
        yield from (block for row in rows for cell in row for block in cell)
    elif lines := list(table_lines([" ".join(cell) for cell in row] for row in rows)):
        yield "\n".join(lines)


def _rows(parent: Element) -> Iterator[Element]:
    for element in parent:
        if local_name(element) == "tr":
            yield element
        elif local_name(element) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(element)


def _cells(row: Element) -> Iterator[list[str]]:
    """The blocks of each cell; a cell over several columns is followed by empty ones."""
    for cell in row:
        if local_name(cell) == "tc":
            yield list(_blocks(cell))
            for span in cell.iterfind("./{*}tcPr/{*}gridSpan"):
                yield from [[]] * (_number(span) - 1)
        elif local_name(cell) == "sdt":
            for content in cell.iterfind("./{*}sdtContent"):
                yield from _cells(content)


def _number(span: Element) -> int:
    value = next((value for name, value in span.attrib.items() if name.endswith("val")), "1")
    return min(int(value), 100) if value.isdigit() else 1
