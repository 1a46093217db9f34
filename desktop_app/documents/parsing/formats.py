"""Which reader reads which file: by the name's ending, checked against the file's first bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from desktop_app.documents.parsing.epub import read_epub
from desktop_app.documents.parsing.html import read_html
from desktop_app.documents.parsing.office import office_reader
from desktop_app.documents.parsing.pages import ParsedPage, UnreadableFileError
from desktop_app.documents.parsing.pdf import open_pdf, read_pages
from desktop_app.documents.parsing.text import looks_like_text, read_csv, read_text
from desktop_app.documents.parsing.word import read_word

Reader = Callable[[Path], Iterator[ParsedPage]]

_READERS: dict[str, Reader] = {
    ".docx": read_word,
    ".docm": read_word,
    ".epub": read_epub,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".csv": read_csv,
    ".tsv": read_csv,
}
_OLD_OFFICE = {".doc": ".docx", ".dot": ".docx", ".xls": ".xlsx", ".ppt": ".pptx", ".ods": ".xlsx", ".odp": ".pptx"}
_PICTURES_AND_SOUND = {
    *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic"),
    *(".mp3", ".wav", ".ogg", ".flac", ".mp4", ".mov", ".avi", ".mkv", ".webm"),
}
_TEXT = {
    ".txt",
    ".md",
    ".markdown",
    ".rst",
    ".tex",
    ".json",
    ".jsonl",
    ".xml",
    ".yaml",
    ".yml",
    ".toml",
    ".log",
    ".py",
}
"""Only for the wording of a refusal: any file that holds text is read, whatever its ending."""
_OPENXML = {".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm"}
_OLE = b"\xd0\xcf\x11\xe0"  # the old Office container, in which new files are encrypted
_SNIFFED_BYTES = 8192


def read_document(path: Path, name: str) -> tuple[int, Iterator[ParsedPage]]:
    """How many pages there are (0: not known beforehand), and the pages, read one by one.

    `name` is the file's name as its owner sees it: blobs have no endings. Raises UnreadableFileError, also
    while the pages are read, and OSError when the file can't be opened.
    """
    ending = PurePath(name).suffix.lower()
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    if not head:
        raise UnreadableFileError("This file is empty: it has 0 bytes.")
    if ending == ".pdf":
        document = open_pdf(path)
        return len(document), read_pages(document)
    return 0, _reader(ending, head)(path)


def _reader(ending: str, head: bytes) -> Reader:
    if ending in _OPENXML and head.startswith(_OLE):
        raise UnreadableFileError(
            "This file is protected by a password, or it is an old Office file with a new name. "
            "Open it in its program and save it without a password, then add it again."
        )
    if (reader := _READERS.get(ending) or office_reader(ending)) is not None:
        return reader
    if ending in _OLD_OFFICE:
        raise UnreadableFileError(
            f"Files of type {ending} can't be read. Save it as {_OLD_OFFICE[ending]} or PDF and add that.",
            "unsupported_file",
        )
    if ending in _PICTURES_AND_SOUND or not looks_like_text(head):
        raise _refusal(ending)
    return read_text


def _refusal(ending: str) -> UnreadableFileError:
    if ending in _TEXT:
        return UnreadableFileError("This is not text: the file holds binary data. Was it renamed, or is it damaged?")
    kind = f"Files of type {ending}" if ending else "Files of this kind"
    return UnreadableFileError(
        f"{kind} can't be read. PDF, Word, PowerPoint, Excel, HTML, EPUB, CSV, Markdown, text and source code can.",
        "unsupported_file",
    )
