"""EPUB: the chapters in the order of the book's spine, read as HTML."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from desktop_app.documents.parsing.html import html_text
from desktop_app.documents.parsing.pages import MAX_CHARACTERS, ParsedPage, UnreadableFileError, clean, too_much_text

_CONTAINER = "META-INF/container.xml"


def read_epub(path: Path) -> Iterator[ParsedPage]:
    try:
        with zipfile.ZipFile(path) as book:
            text = "\n\n".join(filter(None, _chapters(book)))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, NotImplementedError) as error:
        raise UnreadableFileError("This EPUB book is damaged or cut off: its contents can't be found.") from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise UnreadableFileError("This EPUB book is protected by a password or by copy protection.") from error
    yield ParsedPage(1, "", text)


def _chapters(book: zipfile.ZipFile) -> Iterator[str]:
    package = _first(ElementTree.fromstring(book.read(_CONTAINER)), "rootfile").attrib["full-path"]
    root = ElementTree.fromstring(book.read(package))
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


def _first(root: ElementTree.Element, name: str) -> ElementTree.Element:
    found = root.find(f".//{{*}}{name}")
    if found is None:
        raise KeyError(name)
    return found
