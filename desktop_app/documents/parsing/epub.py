"""EPUB: the chapters in the order of the book's spine, read as HTML."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from desktop_app.documents.parsing.html import html_text
from desktop_app.documents.parsing.package import open_package, read_xml
from desktop_app.documents.parsing.pages import MAX_CHARACTERS, ParsedPage, clean, too_much_text

_CONTAINER = "META-INF/container.xml"


def read_epub(path: Path) -> Iterator[ParsedPage]:
    with open_package(path) as book:
        text = "\n\n".join(filter(None, _chapters(book)))
    yield ParsedPage(1, "", text)


def _chapters(book: zipfile.ZipFile) -> Iterator[str]:
    package = _first(read_xml(book, _CONTAINER), "rootfile").attrib["full-path"]
    root = read_xml(book, package)
    hrefs = {item.attrib["id"]: item.attrib["href"] for item in root.iterfind(".//{*}manifest/{*}item")}
    remaining = MAX_CHARACTERS
    for reference in root.iterfind(".//{*}spine/{*}itemref"):
        href = unquote(hrefs[reference.attrib["idref"]])
        member = posixpath.normpath(posixpath.join(posixpath.dirname(package), href))
        if book.getinfo(member).file_size > remaining * 4:
            raise too_much_text()
        text = html_text(clean(book.read(member).decode("utf-8", errors="replace")))
        remaining -= len(text)
        yield text


def _first(root: Element, name: str) -> Element:
    found = root.find(f".//{{*}}{name}")
    if found is None:
        raise KeyError(name)
    return found
