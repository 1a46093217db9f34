"""Zip packages with XML inside (EPUB, Word): opened so that damage and passwords become reasons in words."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from desktop_app.documents.parsing.pages import UnreadableFileError

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError),
    *(KeyError, EOFError, NotImplementedError, RecursionError),
)


@contextmanager
def open_package(path: Path) -> Iterator[zipfile.ZipFile]:
    """The package; what goes wrong inside the block because of its content is raised as UnreadableFileError."""
    try:
        with zipfile.ZipFile(path) as package:
            yield package
    except _DAMAGED as error:
        raise UnreadableFileError("This file is damaged, cut off, or not what its name says.") from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise UnreadableFileError("This file is protected by a password or by copy protection.") from error


def read_xml(package: zipfile.ZipFile, member: str) -> ElementTree.Element:
    return ElementTree.fromstring(package.read(member))


def local_name(element: ElementTree.Element) -> str:
    """The tag without its namespace: Office writes the same tags in two."""
    return element.tag.rpartition("}")[2]
