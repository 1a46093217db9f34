"""The index in local files: a folder per store, in it one generation with both legs and a manifest.

The manifest is written last and names the parts and the last change that they hold: what a killed process left
half done is not in it, and is done again. Deleted terms stay in tantivy's files until a new generation replaces them.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from desktop_app.documents.index.base import DamagedIndexError, Index, IndexedFile, Scored
from desktop_app.documents.index.dense import Part, part_of, search, updated
from desktop_app.documents.index.disk import reading, remove, write_synced
from desktop_app.documents.index.lexical import LexicalIndex

FORMAT = 1
"""Goes up when the files, the analyser or the indexed text change: older indexes are then made again."""
OPEN_STORES = 32
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class _Manifest:
    model: str
    format: int = FORMAT
    seq: int = 0
    keeps_deleted: bool = False
    parts: tuple[str, ...] = ()


class LocalIndex:
    """One generation, in `folder`; see `Index`. Nothing is written before the first update."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self._manifest = _Manifest(model)
        self._parts: tuple[Part, ...] = ()
        self._lexical: LexicalIndex | None = None

    @classmethod
    def load(cls, folder: Path) -> "LocalIndex":
        """Raises DamagedIndexError."""
        with reading(folder):
            manifest = _Manifest(**json.loads((folder / _MANIFEST).read_bytes()))
            if manifest.format != FORMAT:
                raise ValueError(f"this version does not read format {manifest.format}")
            index = cls(folder, manifest.model)
            index._manifest = manifest
            index._parts = tuple(Part.load(folder / name) for name in manifest.parts)
            index._lexical = LexicalIndex(folder / "lexical")
        index._remove_leftovers()
        return index

    @property
    def model(self) -> str:
        return self._manifest.model

    @property
    def seq(self) -> int:
        return self._manifest.seq

    @property
    def keeps_deleted(self) -> bool:
        return self._manifest.keeps_deleted

    def update(self, changed: Collection[str], files: Iterable[IndexedFile], seq: int) -> None:
        added: list[Part] = []

        def passing() -> Iterator[IndexedFile]:
            for file in files:
                added.append(part_of(file))
                yield file

        lexical = self._lexical or LexicalIndex(self.folder / "lexical")
        keeps_deleted = self.keeps_deleted or lexical.holds_any(changed)
        lexical.update(changed, passing())
        names, parts = self._save(updated(self._parts, set(changed), added), seq)
        self._write(_Manifest(self.model, FORMAT, seq, keeps_deleted, names))
        lexical.reload()
        self._parts, self._lexical = parts, lexical
        self._remove_leftovers()

    def dense(self, vector: NDArray[np.float32], count: int, files: Collection[str] | None = None) -> Scored:
        with reading(self.folder):
            return search(self._parts, vector, count, files)

    def lexical(self, terms: Mapping[str, int], count: int, files: Collection[str] | None = None) -> Scored:
        if self._lexical is None:
            return Scored(np.empty(0, np.int64), np.empty(0, np.float32))
        return self._lexical.search(terms, count, files)

    def _save(self, parts: tuple[Part, ...], seq: int) -> tuple[tuple[str, ...], tuple[Part, ...]]:
        """Put the parts that are new on disk; all their names, and all of them as they are read from there."""
        known = {id(part): name for part, name in zip(self._parts, self._manifest.parts, strict=True)}
        names, saved = [], []
        for number, part in enumerate(parts):
            name = known.get(id(part))
            if name is None:
                name = f"dense-{seq}-{number}"
                part.save(self.folder / name)
                part = Part.load(self.folder / name)
            names.append(name)
            saved.append(part)
        return tuple(names), tuple(saved)

    def _write(self, manifest: _Manifest) -> None:
        content = json.dumps(asdict(manifest)).encode()
        write_synced(self.folder / _MANIFEST, lambda file: file.write(content))
        self._manifest = manifest

    def _remove_leftovers(self) -> None:
        """Remove parts that the manifest does not name. Where one can't be, being read, it goes the next time."""
        for path in self.folder.iterdir():
            if path.is_file() and path.stem not in (*self._manifest.parts, Path(_MANIFEST).stem):
                remove(path)


class LocalIndexes:
    """All stores' indexes under `root`; see `Indexes`. The ones used last stay open."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._latest: OrderedDict[str, LocalIndex] = OrderedDict()
        # Whoever still uses an index keeps it from being opened a second time.
        self._used: WeakValueDictionary[str, LocalIndex] = WeakValueDictionary()

    def open(self, store_id: str, model: str | None = None) -> LocalIndex | None:
        with self._lock:
            index = self._used.get(store_id) or self._newest(store_id)
            if model is not None and (index is None or index.model != model):
                self._forget(store_id)
                index = LocalIndex(self._root / store_id / "1", model)
            if index is not None:
                self._keep(store_id, index)
            return index

    def renew(self, store_id: str, fill: Callable[[Index], None]) -> None:
        old = self.open(store_id)
        if old is None:
            return
        new = LocalIndex(old.folder.with_name(str(int(old.folder.name) + 1)), old.model)
        try:
            fill(new)
        except BaseException:
            remove(new.folder)
            raise
        with self._lock:
            self._keep(store_id, new)
        remove(old.folder)

    def stores(self) -> list[str]:
        return [path.name for path in self._root.iterdir() if path.is_dir()] if self._root.is_dir() else []

    def forget(self, store_id: str) -> None:
        with self._lock:
            self._forget(store_id)

    def close(self) -> None:
        with self._lock:
            self._latest.clear()

    def _forget(self, store_id: str) -> None:
        self._latest.pop(store_id, None)
        self._used.pop(store_id, None)
        remove(self._root / store_id)

    def _keep(self, store_id: str, index: LocalIndex) -> None:
        self._used[store_id] = self._latest[store_id] = index
        self._latest.move_to_end(store_id)
        while len(self._latest) > OPEN_STORES:
            self._latest.popitem(last=False)

    def _newest(self, store_id: str) -> LocalIndex | None:
        """The newest generation that is whole; everything else in the folder is removed."""
        newest = None
        folder = self._root / store_id
        generations = sorted(folder.iterdir(), key=_generation, reverse=True) if folder.is_dir() else []
        for path in generations:
            if newest is None:
                try:
                    newest = LocalIndex.load(path)
                    continue
                except DamagedIndexError:
                    pass
            remove(path)
        return newest


def _generation(path: Path) -> int:
    return int(path.name) if path.name.isdecimal() else 0
