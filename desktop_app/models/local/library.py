"""The GGUF files that can answer: those in the models folder, and those of the disk that were added by their path."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from desktop_app.models.local.catalogue import Known
from desktop_app.models.local.gguf import GgufError, GgufHeader, read_header
from desktop_app.settings.json_file import UnreadableFileError
from desktop_app.settings.local_models import LocalModelFile, SavedLocalModels, SavedOptions
from desktop_app.wire.errors import SERVER_ERROR, ApiError, invalid_value
from desktop_app.wire.models import LocalOptions

MAX_ADDED = 200


@dataclass(frozen=True)
class Installed:
    """A model that can be loaded."""

    id: str
    name: str
    path: Path
    bytes: int
    licence: str
    header: GgufHeader
    options: LocalOptions


@dataclass(frozen=True)
class Unusable:
    """A file of the library that can't be used, with the sentence that says why."""

    id: str
    name: str
    path: Path
    bytes: int
    error: str


class ModelLibrary:
    """Every method blocks for a moment, may be called from any thread, and raises ApiError."""

    def __init__(self, folder: Path, settings: LocalModelFile, catalogue: Sequence[Known]) -> None:
        self._folder = folder
        self._settings = settings
        self._known = {known.file: known for known in catalogue}
        self._headers: dict[tuple[Path, int, int], GgufHeader | GgufError] = {}

    def models(self) -> list[Installed | Unusable]:
        """Those of the models folder, then those that were added."""
        saved = self._saved()
        options = {model_id: LocalOptions(**each.model_dump()) for model_id, each in saved.options.items()}
        found = [(self._id_in_folder(path), path) for path in self._in_folder()]
        found.extend((model_id, Path(path)) for model_id, path in saved.files.items())
        return [self._model(model_id, path, options.get(model_id, LocalOptions())) for model_id, path in found]

    def find(self, model_id: str) -> Installed:
        """A model that can be loaded."""
        found = self._find(model_id)
        if isinstance(found, Unusable):
            raise ApiError(found.error)
        return found

    def add(self, path: Path) -> Installed:
        """A file of the disk, used where it is; one that is there already is answered as it is."""
        if not path.is_absolute() or "\0" in str(path):
            raise invalid_value(f"'{path}' is not the whole path of a file.", "path")
        models = self.models()
        same = next((each for each in models if _is_same(each.path, path)), None)
        if same is not None:
            return self.find(same.id)
        try:
            self._header(path)
        except GgufError as error:
            raise invalid_value(str(error), "path") from error
        saved = self._saved()
        if len(saved.files) >= MAX_ADDED:
            raise ApiError(f"{MAX_ADDED} models were added already. Remove one first.")
        taken, slug = {each.id for each in models}, _slug(path.stem)
        names = chain([slug], (f"{slug}-{number}" for number in count(2)))
        model_id = next(each for each in names if each not in taken)
        self._save(saved.model_copy(update={"files": saved.files | {model_id: str(path)}}))
        return self.find(model_id)

    def remove(self, model_id: str) -> None:
        """Forget a file that was added, which stays where it is; delete one of the models folder."""
        path = self._find(model_id).path
        saved = self._saved()
        if model_id not in saved.files:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise ApiError(f"{path} can't be deleted: {error.strerror or error}.") from error
        files = {each: path for each, path in saved.files.items() if each != model_id}
        options = {each: kept for each, kept in saved.options.items() if each != model_id}
        self._save(saved.model_copy(update={"files": files, "options": options}))

    def set_options(self, model_id: str, options: LocalOptions) -> None:
        self._find(model_id)
        saved = self._saved()
        kept = saved.options | {model_id: SavedOptions(**options.model_dump())}
        self._save(saved.model_copy(update={"options": kept}))

    def _saved(self) -> SavedLocalModels:
        try:
            return self._settings.read()
        except UnreadableFileError as error:
            raise ApiError(str(error), status=500, type=SERVER_ERROR) from error

    def _save(self, saved: SavedLocalModels) -> None:
        try:
            self._settings.save(saved)
        except OSError as error:
            raise ApiError(
                f"{self._settings.path} can't be written: {error.strerror or error}.", status=500, type=SERVER_ERROR
            ) from error

    def _find(self, model_id: str) -> Installed | Unusable:
        for model in self.models():
            if model.id == model_id:
                return model
        raise ApiError(
            f"There is no local model '{model_id[:200]}'. Choose another one, or download it.",
            status=404,
            code="model_not_found",
        )

    def _in_folder(self) -> list[Path]:
        return sorted(self._folder.glob("*.gguf")) if self._folder.is_dir() else []

    def _id_in_folder(self, path: Path) -> str:
        return self._known[path.name].id if path.name in self._known else _slug(path.stem)

    def _model(self, model_id: str, path: Path, options: LocalOptions) -> Installed | Unusable:
        known = self._known.get(path.name)
        name = known.name if known is not None else path.stem
        size = path.stat().st_size if path.is_file() else 0
        try:
            header = self._header(path)
        except GgufError as error:
            return Unusable(model_id, name, path, size, str(error))
        return Installed(
            model_id, name, path, size, known.licence if known is not None else header.licence, header, options
        )

    def _header(self, path: Path) -> GgufHeader:
        """Read once for each state of a file; raises GgufError."""
        try:
            state = path.stat()
        except OSError:
            return read_header(path)  # which says why
        key = (path, state.st_size, state.st_mtime_ns)
        if key not in self._headers:
            try:
                self._headers[key] = read_header(path)
            except GgufError as error:
                self._headers[key] = error
        header = self._headers[key]
        if isinstance(header, GgufError):
            raise GgufError(str(header))
        return header


def _slug(name: str) -> str:
    """A name as the part of a model's name behind "local/"."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:64] or "model"


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other
